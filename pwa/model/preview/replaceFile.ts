import { Refusal } from '../../../shared/failure.ts'
import { parentPath } from '../../../shared/fileInfo.ts'
import { encodeName } from '../../../shared/fileName.ts'
import { type Attributes, bounds } from '../../../shared/protocol.ts'
import { Failed } from '../failure.ts'
import { newId } from '../id.ts'
import { Fingerprint, fingerprintOf } from './fingerprint.ts'
import { type Files, RemoteFile } from './remoteFile.ts'

/** What a file's contents were when they were last seen. */
export interface Seen {
  /** Bytes. */
  size: number
  /** Hexadecimal. */
  sha256: string
}

/** Why a new file cannot take the place of the old, so that writing into the old one is all that is left. */
export type Obstacle = 'directory' | 'owner' | 'rename'

/** Thrown where a file cannot be replaced; nothing has been changed. */
export class Hindered extends Error {
  override readonly name = 'Hindered'
  readonly obstacle: Obstacle

  constructor(obstacle: Obstacle, cause?: unknown) {
    super(`The file cannot be replaced: ${obstacle}`, { cause })
    this.obstacle = obstacle
  }
}

/** What is to be written: pieces in order, which can be asked for again. */
export interface Contents {
  /** Bytes. */
  size: number
  pieces(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** Writes that are on their way at once. */
const ahead = 8

/** Bytes that are read at once where a file has to be read to be compared. */
const stretch = 1024 * 1024

/** What a file is now, to what was seen of it. */
export type Now = { state: 'same' | 'changed'; attributes: Attributes } | { state: 'gone' }

/** What a file is, whatever was seen of it. Rejects with `Failed`. */
export async function lookAt(files: Files, path: string): Promise<Now> {
  const attributes = await found(files, path)
  return attributes ? { state: 'changed', attributes } : { state: 'gone' }
}

/** Whether a file is still what was seen, by size and contents; `attributes` are those of now. Rejects with `Failed`. */
export async function stillIs(files: Files, path: string, seen: Seen): Promise<Now> {
  const now = await lookAt(files, path)
  if (now.state === 'gone') return now
  const { attributes } = now
  if (attributes.size !== undefined && attributes.size !== seen.size) return { state: 'changed', attributes }
  const print = await fingerprintAt(files, path, seen.size)
  return { state: print === seen.sha256 ? 'same' : 'changed', attributes }
}

/** By the host where it can, else by reading it. */
async function fingerprintAt(files: Files, path: string, size: number): Promise<string> {
  if (size <= bounds.fileData) return fingerprintOf((await files.ask('sftp-get', { path })).data)
  try {
    return (await files.ask('sftp-hash', { path })).sha256
  } catch (error) {
    if (!(error instanceof Failed)) throw error
  }
  const file = new RemoteFile(files, path)
  const print = new Fingerprint()
  try {
    for (;;) {
      const data = await file.read(print.bytes, stretch)
      print.add(data)
      if (data.length < stretch) return print.hex()
    }
  } finally {
    await file.close()
  }
}

/**
 * Puts new contents in the place of a file, or of what a link leads to: written beside it, flushed where the server can,
 * checked, and renamed over it, so that at every moment the old or the new one is there whole. Mode and owner stay. Rejects with
 * `Failed`, or with `Hindered` where that way is barred.
 * @param before what the file was when the decision to replace it was made; where it is not that any more nothing is replaced.
 *   Undefined where there is none: then it is made.
 */
export async function replaceFile(
  files: Files,
  path: string,
  contents: Contents,
  before: Attributes | undefined,
): Promise<Attributes> {
  const target = before ? (await files.ask('sftp-realpath', { path })).path : path
  const extensions = files.info.peek()?.extensions ?? []
  if (!extensions.includes('posix-rename@openssh.com')) throw new Hindered('rename')
  const part = partOf(target)
  const mode = before?.mode === undefined ? undefined : before.mode & 0o777
  let handle: number | undefined
  try {
    handle = (
      await barred('directory', () =>
        files.ask('sftp-open', { path: part, write: true, create: true, exclusive: true, mode: 0o600 }),
      )
    ).handle
    await writeAll(files, handle, contents)
    if (before) await keepOwner(files, handle, before)
    await files.ask('sftp-fsetstat', { handle, attributes: { mode: mode ?? 0o644 } })
    await settle(files, handle, contents.size)
    const closing = handle
    handle = undefined
    await files.ask('sftp-close', { handle: closing })
    const now = await found(files, target)
    if (before && (now?.size !== before.size || now?.mtime !== before.mtime)) throw changed()
    await barred('directory', () => files.ask('sftp-rename', { from: part, to: target, overwrite: true }))
  } catch (error) {
    if (handle !== undefined) await files.ask('sftp-close', { handle }).catch(() => undefined)
    // Where the link is gone it stays, and can be seen for what it is by its name.
    await files.ask('sftp-remove', { path: part }).catch(() => undefined)
    throw error
  }
  return (await files.ask('sftp-stat', { path: target })).attributes
}

/** Writes into a file where it is. If that is cut off, the file is neither the old nor the new one. Rejects with `Failed`. */
export async function overwriteFile(files: Files, path: string, contents: Contents): Promise<Attributes> {
  const { handle } = await files.ask('sftp-open', { path, write: true })
  try {
    await writeAll(files, handle, contents)
    await files.ask('sftp-fsetstat', { handle, attributes: { size: contents.size } })
    return await settle(files, handle, contents.size)
  } finally {
    await files.ask('sftp-close', { handle }).catch(() => undefined)
  }
}

async function writeAll(files: Files, handle: number, { pieces }: Contents): Promise<void> {
  const step = Math.min(files.info.peek()?.limits.write ?? 32_000, bounds.fileData)
  const underway = new Set<Promise<unknown>>()
  let offset = 0
  try {
    for await (const piece of pieces()) {
      for (let at = 0; at < piece.length; at += step) {
        const data = piece.subarray(at, at + step)
        const write = files.ask('sftp-write', { handle, offset, data })
        offset += data.length
        underway.add(write)
        write.then(
          () => underway.delete(write),
          () => undefined,
        )
        if (underway.size >= ahead) await Promise.race(underway)
      }
    }
    await Promise.all(underway)
  } catch (error) {
    await Promise.allSettled(underway)
    throw error
  }
}

async function keepOwner(files: Files, handle: number, { uid, gid }: Attributes): Promise<void> {
  if (uid === undefined || gid === undefined) return
  const { attributes } = await files.ask('sftp-fstat', { handle })
  if (attributes.uid === uid && attributes.gid === gid) return
  await barred('owner', () => files.ask('sftp-fsetstat', { handle, attributes: { uid, gid } }))
}

/** Flushes it, and checks that it has the size that it should. */
async function settle(files: Files, handle: number, size: number): Promise<Attributes> {
  const extensions = files.info.peek()?.extensions ?? []
  if (extensions.includes('fsync@openssh.com')) await files.ask('sftp-fsync', { handle })
  const { attributes } = await files.ask('sftp-fstat', { handle })
  if (attributes.size !== size) {
    const detail = `The server kept ${attributes.size ?? 0} of ${size} bytes`
    throw new Failed(new Refusal('wrong-size', { detail }).toFailure())
  }
  return attributes
}

const bars: ReadonlySet<string> = new Set(['permission-denied', 'sftp-failure', 'sftp-unsupported'])

async function barred<T>(obstacle: Obstacle, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Failed && bars.has(error.failure.code)) throw new Hindered(obstacle, error)
    throw error
  }
}

async function found(files: Files, path: string): Promise<Attributes | undefined> {
  try {
    return (await files.ask('sftp-stat', { path })).attributes
  } catch (error) {
    if (error instanceof Failed && error.failure.code === 'no-such-file') return undefined
    throw error
  }
}

function changed(): Failed {
  return new Failed(new Refusal('changed-meanwhile').toFailure())
}

/** Bytes of the longest name of most file systems. */
const longest = 255

/** A name beside a file that nobody has: hidden, told by its ending, never longer than a name may be. */
function partOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const ending = `.${newId().slice(0, 8)}.part`
  let kept = Array.from(name)
  while (encodeName(`.${kept.join('')}${ending}`).length > longest) kept = kept.slice(0, -1)
  const directory = parentPath(path)
  return `${directory === '/' ? '' : directory}/.${kept.join('')}${ending}`
}
