import { Refusal } from '../../../shared/failure.ts'
import { joinPath } from '../../../shared/fileInfo.ts'
import { type Attributes, bounds } from '../../../shared/protocol.ts'
import { Failed } from '../failure.ts'
import { failedWith, refused } from '../files/fileFailure.ts'
import type { Sftp } from '../sftp.ts'

/** The requests that a transfer makes on the files of a host. */
export type Files = Pick<Sftp, 'ask' | 'info'>

/** A file on its way to its end: `bytes` of `size` have come. */
export function wrongSize(bytes: number, size: number): Failed {
  const detail = `Got ${bytes.toLocaleString('en')} of ${size.toLocaleString('en')} bytes`
  return new Failed(new Refusal('wrong-size', { phase: 'files', detail }).toFailure())
}

/** What is at a path, a link as itself; undefined where there is nothing. Rejects with `Failed`. */
export async function look(sftp: Files, path: string): Promise<Attributes | undefined> {
  try {
    return (await sftp.ask('sftp-lstat', { path })).attributes
  } catch (error) {
    if (failedWith(error, 'no-such-file')) return undefined
    throw error
  }
}

/** What a mode says a file is: a file with contents, a directory, a link, or what has no contents of its own. */
export function kindOf({ mode = 0 }: Attributes): 'file' | 'directory' | 'link' | 'other' {
  switch (mode & 0o170000) {
    case 0o100000:
      return 'file'
    case 0o040000:
      return 'directory'
    case 0o120000:
      return 'link'
    // A server that does not say.
    case 0:
      return 'file'
    default:
      return 'other'
  }
}

/** Bytes of one request that the server takes; what any server does where it does not say. */
export function pieceSize(sftp: Files, way: 'read' | 'write'): number {
  return Math.max(1024, Math.min(bounds.fileData, sftp.info.peek()?.limits[way] ?? 32_000))
}

export function has(sftp: Files, extension: string): boolean {
  return sftp.info.peek()?.extensions.includes(extension) ?? false
}

/** Bytes of an open file, which may come in several parts; fewer than asked for only at its end. Rejects with `Failed`. */
export async function readAt(sftp: Files, handle: number, offset: number, length: number): Promise<Uint8Array> {
  const most = pieceSize(sftp, 'read')
  let all: Uint8Array | undefined
  for (let got = 0; got < length; ) {
    const wanted = Math.min(most, length - got)
    const { data, end } = await sftp.ask('sftp-read', { handle, offset: offset + got, length: wanted })
    if (data.length === length) return data
    all ??= new Uint8Array(length)
    // More than was asked for would be the server's mistake.
    all.set(data.subarray(0, wanted), got)
    got += Math.min(data.length, wanted)
    if (end || data.length === 0) return all.subarray(0, got)
  }
  return all ?? new Uint8Array(0)
}

/** Closes a file whose content is had, or not wanted any more: what comes of it matters to nobody. */
export function letGo(sftp: Files, handle: number): void {
  sftp.ask('sftp-close', { handle }).catch(() => undefined)
}

/** Removes what may not be there. Rejects with `Failed`. */
export async function removeIfThere(sftp: Files, path: string): Promise<void> {
  try {
    await sftp.ask('sftp-remove', { path })
  } catch (error) {
    if (!failedWith(error, 'no-such-file')) throw error
  }
}

/** Whether two pieces of files hold the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

/** Milliseconds as the seconds of SFTP, which counts them in 32 bits. */
export function seconds(ms: number): number {
  return Math.min(0xffffffff, Math.max(0, Math.floor(ms / 1000)))
}

/** Whether what went wrong with one file would go wrong with all others: they are not tried. */
export function isOfAll(error: unknown): boolean {
  return failedWith(error, 'no-space', 'read-only') || (error instanceof Failed && error.failure.code === 'quota')
}

/** So many bytes do not fit into so many. */
export function noSpace(bytes: number, available: number): Failed {
  const detail = `${bytes.toLocaleString('en')} bytes do not fit: the server has room for ${available.toLocaleString('en')}`
  return new Failed(new Refusal('no-space', { phase: 'files', detail }).toFailure())
}

/** Moves by a new name, where nothing has that and both are on one file system; else false. Rejects with `Failed`. */
export async function renamed(
  sftp: Files,
  from: string,
  directory: string,
  names: readonly string[],
): Promise<boolean> {
  const to = names.reduce(joinPath, directory)
  if (await look(sftp, to)) return false
  try {
    await sftp.ask('sftp-rename', { from, to })
    return true
  } catch (error) {
    if (failedWith(error, 'sftp-failure', 'sftp-unsupported', 'file-exists')) return false
    throw error
  }
}

/** Makes a link that says the same; one that does already will do. Rejects with `Failed`: `file-exists` among them. */
export async function copyLink(from: Files, path: string, to: Files, link: string): Promise<void> {
  const { target } = await from.ask('sftp-readlink', { path })
  const there = await look(to, link)
  if (!there) await to.ask('sftp-symlink', { path: link, target })
  else if (kindOf(there) !== 'link' || (await to.ask('sftp-readlink', { path: link })).target !== target)
    throw refused('file-exists')
}
