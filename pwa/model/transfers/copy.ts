import { joinPath } from '../../../shared/fileInfo.ts'
import { bounds } from '../../../shared/protocol.ts'
import { Failed } from '../failure.ts'
import { failedWith, refused } from '../files/fileFailure.ts'
import type { FileWork } from './fileWork.ts'
import { inPieces } from './pieces.ts'
import { PieceWindow } from './pieceWindow.ts'
import { type Files, kindOf, letGo, look, pieceSize, readAt, seconds, wrongSize } from './remote.ts'
import { type Landing, landPart, type Outcome, putSmall } from './upload.ts'

/** Bytes of one request of a copy that the relay makes: it is counted by these. */
const STEP = 4 * 1024 * 1024

/**
 * Copies a file from host to host, or on one: by the relay where both are on it, else through this page. Rejects with `Failed`,
 * or with the reason of the abort.
 * @param near whether the relay can copy between both
 */
export async function copyFile(work: FileWork, from: Files, landing: Landing, near: boolean): Promise<Outcome> {
  const path = work.item.from ?? ''
  const found = await look(from, path)
  if (!found) throw refused('no-such-file')
  if (kindOf(found) === 'other') throw new Failed('not-a-file')
  if (kindOf(found) !== 'file') throw refused('changed-meanwhile')
  const { size = 0, mtime = 0 } = found
  if (size !== work.item.size || mtime * 1000 !== work.item.modifiedAt)
    work.change({ size, modifiedAt: mtime * 1000, acked: 0 })
  const target = joinPath(landing.directory, work.item.name ?? work.item.path.at(-1) ?? '')
  const mode = (found.mode ?? 0o644) & 0o777
  if (size <= bounds.fileData) {
    const { data } = await from.ask('sftp-get', { path })
    if (data.length !== size) throw wrongSize(data.length, size)
    return putSmall(work, landing, target, { data, mode, mtime: seconds(mtime * 1000) })
  }
  const { handle } = await from.ask('sftp-open', { path, read: true })
  try {
    const unchanged = async () => {
      const { attributes } = await from.ask('sftp-fstat', { handle })
      if (attributes.size !== size || attributes.mtime !== found.mtime) throw refused('changed-meanwhile')
    }
    return await landPart(work, landing, target, {
      source: (offset, length) => readAt(from, handle, offset, length),
      mode: async () => mode,
      ...(work.verify === 'hash' && { sha256: () => hashOf(from, path) }),
      fill: async (part, at) => {
        const piece = Math.min(pieceSize(from, 'read'), pieceSize(landing.sftp, 'write'))
        const course = { work, from, handle, size, at, piece }
        if (!near || !(await copyNear(course, landing.sftp, part.handle)))
          await copyThrough(course, part.write.bind(part))
        await unchanged()
      },
    })
  } finally {
    letGo(from, handle)
  }
}

interface Course {
  work: FileWork
  from: Files
  handle: number
  size: number
  at: number
  /** Bytes that one side gives and the other takes at once. */
  piece: number
}

/** By the relay; false where it, or the server, cannot. */
async function copyNear(course: Course, to: Files, target: number): Promise<boolean> {
  const { work, from, handle, size } = course
  const sessionId = to.info.peek()?.sessionId
  if (sessionId === undefined) return false
  while (course.at < size) {
    work.signal.throwIfAborted()
    const length = Math.min(STEP, size - course.at)
    const goal = { handle: target, offset: course.at, ...(from !== to && { sessionId }) }
    try {
      const { copied } = await from.ask('sftp-copy', { handle, offset: course.at, length, to: goal })
      if (copied === 0) throw wrongSize(course.at, size)
      course.at += copied
    } catch (error) {
      if (failedWith(error, 'sftp-unsupported')) return false
      throw error
    }
    work.advance(course.at)
    work.change({ acked: course.at })
  }
  return true
}

async function copyThrough(
  { work, from, handle, size, at, piece }: Course,
  write: (offset: number, data: Uint8Array) => Promise<void>,
): Promise<void> {
  const window = new PieceWindow()
  await inPieces(
    {
      from: at,
      to: size,
      size: piece,
      most: () => window.size,
      signal: work.signal,
      reached: (offset) => {
        work.advance(offset)
        work.change({ acked: offset })
      },
    },
    async ({ offset, length }) => {
      const begun = performance.now()
      const data = await readAt(from, handle, offset, length)
      if (data.length < length) throw wrongSize(offset + data.length, size)
      work.signal.throwIfAborted()
      await write(offset, data)
      window.took(performance.now() - begun)
    },
  )
}

/** The SHA-256 that the host computes; undefined where it cannot. */
async function hashOf(sftp: Files, path: string): Promise<string | undefined> {
  try {
    return (await sftp.ask('sftp-hash', { path })).sha256
  } catch (error) {
    if (failedWith(error, 'sftp-unsupported')) return undefined
    throw error
  }
}
