import type { Attributes } from '../../../shared/protocol.ts'
import { bounds } from '../../../shared/protocol.ts'
import { Failed } from '../failure.ts'
import { failedWith, refused } from '../files/fileFailure.ts'
import { Lane } from '../lane.ts'
import type { DownloadGoal, Sink } from '../out/goal.ts'
import { beginDigest } from './digest.ts'
import type { FileWork } from './fileWork.ts'
import { inPieces } from './pieces.ts'
import { PieceWindow } from './pieceWindow.ts'
import { type Files, kindOf, letGo, look, pieceSize, readAt, wrongSize } from './remote.ts'
import type { Outcome } from './upload.ts'

/** Bytes of one transfer that are on their way, or have come and are not yet taken. */
const AHEAD = 4 * 1024 * 1024

/** What the files of one download share. */
export class Intake {
  readonly sftp: Files
  readonly goal: DownloadGoal
  /** Bounds what is on its way. */
  readonly ahead = new Lane({ requests: Number.POSITIVE_INFINITY, bytes: AHEAD })
  /** In a zip and a stream large files come one after the other, or they would wait for each other. */
  readonly large: Lane

  constructor(sftp: Files, goal: DownloadGoal) {
    this.sftp = sftp
    this.goal = goal
    this.large = new Lane({ requests: goal.kind === 'handle' ? 8 : 1, bytes: Number.POSITIVE_INFINITY })
  }
}

/**
 * Downloads a file, or goes on where a former try has ended. It is closed only when every byte has come and the file has not been
 * changed meanwhile. Rejects with `Failed`, or with the reason of the abort.
 */
export async function downloadFile(work: FileWork, intake: Intake): Promise<Outcome> {
  const existing = await settleExisting(work, intake.goal)
  if (existing === 'skip') return 'skipped'
  if (work.item.size <= bounds.fileData && (await downloadSmall(work, intake, existing))) return 'done'
  await intake.large.run(0, () => downloadLarge(work, intake, existing))
  return 'done'
}

async function settleExisting(work: FileWork, goal: DownloadGoal): Promise<'replace' | 'keep-both' | 'skip'> {
  const { item } = work
  const there = work.again ? undefined : await goal.there?.(item.path)
  const choice =
    item.choice ?? (there && (await work.choose(item.path.join('/'), there, ['replace', 'newer', 'keep-both', 'skip'])))
  if (choice === undefined || choice === 'keep-both') return 'keep-both'
  if (choice === 'skip') return 'skip'
  if (choice === 'newer' && there && item.modifiedAt <= there.modifiedAt) return 'skip'
  work.change({ choice: 'replace' })
  return 'replace'
}

/** False where the file is larger than was listed. */
async function downloadSmall(
  work: FileWork,
  { sftp, goal }: Intake,
  existing: 'replace' | 'keep-both',
): Promise<boolean> {
  const { item } = work
  let got: { data: Uint8Array; attributes: Attributes }
  try {
    got = await sftp.ask('sftp-get', { path: pathOf(work) })
  } catch (error) {
    if (failedWith(error, 'too-large')) return false
    throw error
  }
  work.signal.throwIfAborted()
  const { data, attributes } = got
  const { size = data.length } = attributes
  if (data.length !== size) throw wrongSize(data.length, size)
  note(work, attributes)
  await work.begin()
  await into(work, await goal.open(item.path, size, work.item.modifiedAt, existing), async (sink) => {
    if (sink.have < size) await sink.write(sink.have, data.subarray(sink.have))
  })
  work.advance(size)
  return true
}

async function downloadLarge(work: FileWork, intake: Intake, existing: 'replace' | 'keep-both'): Promise<void> {
  const { sftp, goal } = intake
  work.signal.throwIfAborted()
  const path = pathOf(work)
  const found = await look(sftp, path)
  if (!found) throw refused('no-such-file')
  // A device could be read without end, a pipe would never be opened, and a link is not what was listed.
  if (kindOf(found) === 'other') throw new Failed('not-a-file')
  if (kindOf(found) !== 'file') throw refused('changed-meanwhile')
  const changed = note(work, found) && work.again
  const { handle } = await sftp.ask('sftp-open', { path, read: true })
  try {
    const { size, modifiedAt } = work.item
    await work.begin()
    let sink = await goal.open(work.item.path, size, modifiedAt, existing)
    if (sink.have > 0 && (changed || sink.have > size)) {
      // What has come is of another file; what a browser has been given cannot be taken back.
      await sink.abort(false)
      if (goal.kind !== 'handle') throw refused('changed-meanwhile')
      sink = await goal.open(work.item.path, size, modifiedAt, existing)
    }
    await into(work, sink, async () => {
      await pour(work, intake, handle, sink, size)
      const { attributes } = await sftp.ask('sftp-fstat', { handle })
      if (attributes.size !== size || (attributes.mtime ?? 0) !== (found.mtime ?? 0)) throw refused('changed-meanwhile')
    })
  } finally {
    letGo(sftp, handle)
  }
}

/** Fills a sink and closes it; where that fails it keeps what can be gone on with. */
async function into(work: FileWork, sink: Sink, fill: (sink: Sink) => Promise<void>): Promise<void> {
  try {
    work.advance(sink.have)
    await fill(sink)
    work.signal.throwIfAborted()
  } catch (error) {
    await sink.abort(!spoils(error)).catch(() => undefined)
    throw error
  }
  await sink.close()
}

/** Whether what has come is of no use after this. */
function spoils(error: unknown): boolean {
  if (error instanceof Failed && error.failure.code === 'wrong-content') return true
  return failedWith(error, 'changed-meanwhile', 'wrong-size', 'no-such-file', 'permission-denied', 'sftp-failure')
}

async function pour(work: FileWork, intake: Intake, handle: number, sink: Sink, size: number): Promise<void> {
  const { sftp, ahead } = intake
  const window = new PieceWindow()
  const digest = work.verify === 'hash' && sink.have === 0 ? await beginDigest() : undefined
  let before: Promise<void> = Promise.resolve()
  await inPieces(
    {
      from: sink.have,
      to: size,
      size: pieceSize(sftp, 'read'),
      most: () => window.size,
      signal: work.signal,
      reached: (offset) => work.advance(offset),
    },
    ({ offset, length }) => {
      const former = before
      const own = ahead.run(length, async () => {
        work.signal.throwIfAborted()
        const asked = performance.now()
        const data = await readAt(sftp, handle, offset, length)
        window.took(performance.now() - asked)
        // The sink takes bytes in order; where one piece has failed, none may follow.
        await former
        work.signal.throwIfAborted()
        digest?.update(data)
        const end = offset + data.length
        await sink.write(offset, data)
        if (end < offset + length) throw wrongSize(end, size)
      })
      own.catch(() => undefined)
      before = own
      return own
    },
  )
  if (!digest) return
  const ours = digest.end()
  const theirs = await sftp.ask('sftp-hash', { path: pathOf(work) }).catch((error: unknown) => {
    if (failedWith(error, 'sftp-unsupported')) return undefined
    throw error
  })
  if (theirs && theirs.sha256 !== ours) throw new Failed('wrong-content')
}

/** Takes over what the server says of a file; whether that is other than what was known. */
function note(work: FileWork, { size, mtime }: Attributes): boolean {
  const now = { size: size ?? work.item.size, modifiedAt: mtime === undefined ? work.item.modifiedAt : mtime * 1000 }
  if (now.size === work.item.size && now.modifiedAt === work.item.modifiedAt) return false
  work.change(now)
  return true
}

function pathOf({ item }: FileWork): string {
  return item.from ?? ''
}
