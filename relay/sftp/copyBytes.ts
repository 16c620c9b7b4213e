import { bounds } from '../../shared/protocol.ts'
import { extension, type SftpClient } from './sftpClient.ts'

/** A place in an open file. */
export interface FilePlace {
  client: SftpClient
  handle: Buffer
  offset: number
}

/** Bytes of one request to copy within a server, which does nothing else meanwhile. */
const WITHIN = 16 * 1024 * 1024

/**
 * Copies within one server, by `copy-data`.
 * @returns how many bytes; undefined where the server cannot, or does not know how many there are
 * @throws Refusal where the conversation is over
 */
export async function copyWithin(
  from: FilePlace,
  to: FilePlace,
  length: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { client } = from
  if (!client.extensions.has(extension.copyData)) return undefined
  const { size = 0 } = await client.fstat(from.handle)
  const there = Math.min(length, size - from.offset)
  if (there <= 0) return undefined
  try {
    for (let done = 0; done < there; done += WITHIN) {
      signal.throwIfAborted()
      const piece = Math.min(WITHIN, there - done)
      await client.copyData(from.handle, from.offset + done, piece, to.handle, to.offset + done)
    }
    return there
  } catch {
    signal.throwIfAborted()
    // It may refuse these two files only; what does not depend on it tells why, or does it.
    return undefined
  }
}

/**
 * Copies bytes from one open file into another through the relay, with at most `bounds.copyAhead` on their way.
 * @param signal stops it
 * @returns how many there were, from the offset on without a gap; fewer than `length` where the file ends
 * @throws Refusal
 */
export async function copyBytes(from: FilePlace, to: FilePlace, length: number, signal: AbortSignal): Promise<number> {
  const piece = Math.min(from.client.limits.read, to.client.limits.write)
  let asked = 0
  let end = length
  let failed = false
  const lane = async () => {
    while (asked < end && !failed) {
      signal.throwIfAborted()
      const at = asked
      const size = Math.min(piece, end - at)
      asked += size
      const had = await copyPiece(from, to, at, size)
      if (had < size) end = Math.min(end, at + had)
    }
  }
  const lanes = Array.from({ length: Math.max(1, Math.floor(bounds.copyAhead / piece)) }, () =>
    lane().catch((error: unknown) => {
      failed = true
      throw error
    }),
  )
  for (const one of await Promise.allSettled(lanes)) if (one.status === 'rejected') throw one.reason
  return end
}

/** Servers may give less than was asked for; the file has ended only where they give nothing. */
async function copyPiece(from: FilePlace, to: FilePlace, at: number, size: number): Promise<number> {
  let had = 0
  while (had < size) {
    const data = await from.client.read(from.handle, from.offset + at + had, size - had)
    if (data.length === 0) break
    await to.client.write(to.handle, to.offset + at + had, data)
    had += data.length
  }
  return had
}
