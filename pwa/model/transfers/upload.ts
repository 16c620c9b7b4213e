import { joinPath } from '../../../shared/fileInfo.ts'
import { partPath } from '../../../shared/partPath.ts'
import { bounds } from '../../../shared/protocol.ts'
import { Failed } from '../failure.ts'
import { failedWith } from '../files/fileFailure.ts'
import { Blocks, bytesOf } from './blocks.ts'
import { digestOf } from './digest.ts'
import type { FileWork } from './fileWork.ts'
import { PartFile, type Source, tailAgrees } from './partFile.ts'
import { inPieces } from './pieces.ts'
import { PieceWindow } from './pieceWindow.ts'
import { findPlace, type Place } from './place.ts'
import { type Files, kindOf, letGo, pieceSize, removeIfThere, sameBytes, seconds, wrongSize } from './remote.ts'
import { randomOfTry } from './unfinished.ts'

/** Where an upload goes: a directory of a host that is there. */
export interface Landing {
  sftp: Files
  /** Absolute. */
  directory: string
  /** Permissions that new files get there. */
  newMode(): Promise<number>
}

/** How the way of a file has ended. */
export type Outcome = 'done' | 'skipped'

/**
 * Uploads a file, or goes on where a former try has ended. Its place has the old file or the whole new one, always. Rejects with
 * `Failed`, or with the reason of the abort.
 */
export async function uploadFile(work: FileWork, file: File, landing: Landing): Promise<Outcome> {
  const { item } = work
  if (file.size !== item.size || file.lastModified !== item.modifiedAt)
    work.change({ size: file.size, modifiedAt: file.lastModified, acked: 0 })
  const target = joinPath(landing.directory, work.item.name ?? item.path.at(-1) ?? '')
  if (file.size <= bounds.fileData) {
    const data = await bytesOf(file, 0, file.size)
    const mtime = seconds(file.lastModified)
    return putSmall(work, landing, target, { data, mtime, mode: await landing.newMode() })
  }
  return uploadLarge(work, file, landing, target)
}

/** A file that fits into one request. */
export interface Small {
  data: Uint8Array
  /** Permissions where nothing is there yet. */
  mode: number
  mtime: number
}

/** Puts a small file into its place in one request. Rejects with `Failed`, or with the reason of the abort. */
export async function putSmall(work: FileWork, landing: Landing, target: string, small: Small): Promise<Outcome> {
  const { tries = 0 } = work.item
  work.change({ tries: tries + 1 })
  await work.begin()
  const paths = new Set([target])
  const outcome = await putOnce(work, landing.sftp, target, small, (path) => paths.add(path))
  if (tries > 0) await removeFormer(work, landing.sftp, [...paths], tries)
  return outcome
}

/** @param goes is told of every place that it may go to */
async function putOnce(
  work: FileWork,
  sftp: Files,
  target: string,
  small: Small,
  goes: (path: string) => void,
): Promise<Outcome> {
  const { data, mtime } = small
  const random = randomOfTry(work.random, work.item.tries ?? 1)
  let place: Place = { path: target, there: undefined, resume: false }
  let again = work.again
  for (;;) {
    work.signal.throwIfAborted()
    const { path, there } = place
    goes(path)
    const mode = (there?.mode ?? small.mode) & 0o777
    try {
      const how = there ? ({ existing: 'replace', fsync: true } as const) : ({ existing: 'refuse' } as const)
      const { attributes } = await sftp.ask('sftp-put', { path, data, mode, mtime, random, ...how })
      if (attributes.size !== data.length) throw wrongSize(attributes.size ?? 0, data.length)
      work.advance(data.length)
      return 'done'
    } catch (error) {
      if (there || !failedWith(error, 'file-exists', 'sftp-failure')) throw error
      // A former try may have put it there, with the answer lost.
      if (again && (await isThere(sftp, path, data))) return 'done'
      again = false
      const found = await findPlace(work, sftp, path, (at, length) => isBeginning(sftp, at, length, small))
      if (!found) return 'skipped'
      if (!found.there && failedWith(error, 'sftp-failure') && found.path === path) throw error
      place = found
    }
  }
}

/** What tries that were cut off have left beside the place goes; what they might still put there is gone with it. */
async function removeFormer(work: FileWork, sftp: Files, paths: readonly string[], tries: number): Promise<void> {
  for (let nth = 1; nth <= tries; nth++) {
    const random = randomOfTry(work.random, nth)
    await Promise.all(paths.map((path) => removeIfThere(sftp, partPath(path, random))))
  }
}

async function isThere(sftp: Files, path: string, data: Uint8Array): Promise<boolean> {
  try {
    return sameBytes((await sftp.ask('sftp-get', { path })).data, data)
  } catch (error) {
    if (failedWith(error, 'no-such-file', 'too-large', 'permission-denied', 'sftp-failure')) return false
    throw error
  }
}

async function isBeginning(sftp: Files, path: string, length: number, { data }: Small): Promise<boolean> {
  const there = await sftp.ask('sftp-get', { path })
  return sameBytes(there.data, data.subarray(0, length))
}

async function uploadLarge(work: FileWork, file: File, landing: Landing, target: string): Promise<Outcome> {
  const { sftp } = landing
  const source: Source = (offset, length) => bytesOf(file, offset, length)
  const window = new PieceWindow()
  return landPart(work, landing, target, {
    source,
    mode: landing.newMode,
    ...(work.verify === 'hash' && { sha256: () => digestOf(file, work.signal) }),
    fill: (part, from) => {
      const size = pieceSize(sftp, 'write')
      const blocks = new Blocks(file, from, size)
      return inPieces(
        {
          from,
          to: file.size,
          size,
          most: () => window.size,
          signal: work.signal,
          reached: (offset) => {
            work.advance(offset)
            work.change({ acked: offset })
          },
        },
        async ({ offset, length }) => {
          const data = await blocks.read(offset, length)
          work.signal.throwIfAborted()
          const sent = performance.now()
          await part.write(offset, data)
          window.took(performance.now() - sent)
        },
      )
    },
  })
}

/** What is landed as a part: how it is read, filled and checked. */
export interface Cargo {
  source: Source
  /** Permissions where nothing is there yet. */
  mode(): Promise<number>
  /** Of the source, where it is to be compared. */
  sha256?: () => Promise<string | undefined>
  /** Writes all from an offset on. */
  fill(part: PartFile, from: number): Promise<void>
}

/** Writes a file beside its place, makes sure that it is whole, and puts it there. Rejects with `Failed`, or with the reason of the abort. */
export async function landPart(work: FileWork, landing: Landing, target: string, cargo: Cargo): Promise<Outcome> {
  const { sftp } = landing
  const beginning = (path: string, length: number) => beginsWith(sftp, path, length, cargo.source)
  let place = await findPlace(work, sftp, target, beginning)
  if (!place) return 'skipped'
  const { size, modifiedAt } = work.item
  const { acked = 0 } = work.item
  await work.begin()
  const part = await PartFile.open(sftp, place.path, work.random, { acked, size, source: cargo.source })
  try {
    if (part.from < acked) {
      // Kept before anything is written: what is there is another file now.
      work.change({ acked: 0 })
      await work.begin()
    }
    const copied = place.resume && part.from === 0 ? await copyBeginning(work, sftp, place, part) : 0
    const from = Math.max(part.from, copied)
    work.advance(from)
    await cargo.fill(part, from)
    const mode = place.there?.mode ?? (await cargo.mode())
    await part.finish({ size, mode, mtime: seconds(modifiedAt), ...(cargo.sha256 && { sha256: cargo.sha256 }) })
    while (!(await part.put(place))) {
      work.signal.throwIfAborted()
      // What has come there meanwhile is not what the person has spoken about.
      work.change({ choice: undefined })
      place = await findPlace(work, sftp, target, beginning)
      if (!place) {
        await part.remove()
        return 'skipped'
      }
    }
    return 'done'
  } catch (error) {
    if (failedWith(error, 'wrong-size') || isWrong(error)) {
      work.change({ acked: 0 })
      await part.remove()
    } else part.leave()
    throw error
  }
}

function isWrong(error: unknown): boolean {
  return error instanceof Failed && error.failure.code === 'wrong-content'
}

/** What is there is kept until the new one is whole, so its beginning is copied on the host. */
async function copyBeginning(work: FileWork, sftp: Files, place: Place, part: PartFile): Promise<number> {
  const length = place.there?.size ?? 0
  const { handle } = await sftp.ask('sftp-open', { path: place.path, read: true })
  try {
    for (let at = 0; at < length; ) {
      work.signal.throwIfAborted()
      const to = { handle: part.handle, offset: at }
      const { copied } = await sftp.ask('sftp-copy', {
        handle,
        offset: at,
        length: Math.min(bounds.copy, length - at),
        to,
      })
      if (copied === 0) return at
      at += copied
      work.advance(at)
      work.change({ acked: at })
    }
    return length
  } finally {
    letGo(sftp, handle)
  }
}

async function beginsWith(sftp: Files, path: string, length: number, source: Source): Promise<boolean> {
  const { handle } = await sftp.ask('sftp-open', { path, read: true })
  try {
    return await tailAgrees(sftp, handle, length, source)
  } finally {
    letGo(sftp, handle)
  }
}

/** Makes a directory of a host, unless it is there; a link to one will do. Rejects with `Failed`. */
export async function makeDirectory(sftp: Files, path: string): Promise<void> {
  try {
    await sftp.ask('sftp-mkdir', { path })
  } catch (error) {
    if (!failedWith(error, 'file-exists', 'sftp-failure', 'permission-denied', 'read-only')) throw error
    const there = await sftp.ask('sftp-stat', { path }).catch(() => undefined)
    if (!there) throw error
    if (kindOf(there.attributes) !== 'directory') throw new Failed('not-a-directory', error)
  }
}
