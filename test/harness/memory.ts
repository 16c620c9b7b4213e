import { open, readFile } from 'node:fs/promises'

/** Bytes that are read at once. */
const PIECE = 4 * 1024 * 1024

/** Which of some bytes stand anywhere in the writable memory of a process of this machine; needs root. */
export async function findInMemory(pid: number, wanted: readonly Buffer[]): Promise<boolean[]> {
  const found = wanted.map(() => false)
  const longest = Math.max(...wanted.map((one) => one.length))
  const memory = await open(`/proc/${pid}/mem`, 'r')
  const piece = Buffer.alloc(PIECE)
  for (const [begin, end] of await writable(pid)) {
    for (let at = begin; at < end; at += PIECE - longest) {
      // A mapping may have gone since, or be one that cannot be read.
      const { bytesRead } = await memory.read(piece, 0, Math.min(PIECE, end - at), at).catch(() => ({ bytesRead: 0 }))
      const read = piece.subarray(0, bytesRead)
      for (const [index, one] of wanted.entries()) found[index] ||= read.includes(one)
    }
  }
  await memory.close()
  return found
}

async function writable(pid: number): Promise<[begin: number, end: number][]> {
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8')
  return [...maps.matchAll(/^([\da-f]+)-([\da-f]+) rw/gm)].map(([, begin = '', end = '']) => [
    Number.parseInt(begin, 16),
    Number.parseInt(end, 16),
  ])
}
