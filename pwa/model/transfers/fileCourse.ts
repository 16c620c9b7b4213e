import { joinPath } from '../../../shared/fileInfo.ts'
import type { Transfer } from '../../store/schema.ts'
import { Failed } from '../failure.ts'
import type { DownloadGoal } from '../out/goal.ts'
import type { Sftp } from '../sftp.ts'
import { passes } from './backOff.ts'
import { copyFile } from './copy.ts'
import { Directories } from './directories.ts'
import { downloadFile, Intake } from './download.ts'
import type { FileWork } from './fileWork.ts'
import { newMode } from './newMode.ts'
import { copyLink, noSpace, removeIfThere, renamed } from './remote.ts'
import { type Landing, type Outcome, uploadFile } from './upload.ts'
import type { Ways } from './ways.ts'

/** What is done with one item of a transfer; rejects with `Failed`, or with the reason of the abort. */
export type Doing = (work: FileWork, at: number) => Promise<Outcome>

/** What the way of the files needs of their transfer. */
export interface CoursePorts {
  record: Transfer
  ways: Ways
  goal: DownloadGoal | undefined
  /** Bytes that are to come yet. */
  left(): number
  /** Gives a file of this device. */
  file(at: number): Promise<File>
}

/** What is done with each item, by what kind of transfer it is. Throws `Failed`. */
export function courseOf(ports: CoursePorts): Doing {
  const { kind } = ports.record
  return kind === 'download' ? downloads(ports) : kind === 'upload' ? uploads(ports) : copies(ports)
}

function downloads({ ways: { from }, goal }: CoursePorts): Doing {
  if (!from || !goal) throw new Failed('download-lost')
  const intake = new Intake(from, goal)
  return async (work) => {
    if (work.item.kind !== 'directory') return downloadFile(work, intake)
    await goal.directory(work.item.path, work.item.modifiedAt)
    return 'done'
  }
}

function uploads(ports: CoursePorts): Doing {
  const land = landing(ports)
  return async (work, at) => {
    if (work.item.kind === 'directory') return land.directory(work)
    const file = await ports.file(at)
    work.signal.throwIfAborted()
    return uploadFile(work, file, await land.file(work))
  }
}

function copies(ports: CoursePorts): Doing {
  const { record, ways } = ports
  const { from, to, near } = ways
  const isMove = record.how === 'move'
  const land = landing(ports)
  return async (work) => {
    const { item } = work
    if (item.kind === 'directory') return land.directory(work)
    if (!from || !to || item.from === undefined) throw new Failed('relay-lost')
    const place = await land.file(work)
    if (isMove && from === to && (await renamed(from, item.from, place.directory, item.path.slice(-1)))) return 'done'
    if (item.kind === 'link') await copyLink(from, item.from, to, joinPath(place.directory, item.path.at(-1) ?? ''))
    else if ((await copyFile(work, from, place, near)) === 'skipped') return 'skipped'
    if (isMove) await removeIfThere(from, item.from)
    return 'done'
  }
}

/** Where files land on a host: in directories that are made first, where there is room. */
function landing({ record, ways: { to }, left }: CoursePorts) {
  if (!to) throw new Failed('relay-lost')
  const { directory = '/', random } = record
  const directories = new Directories(to, directory)
  let probed: Promise<number> | undefined
  let roomy: Promise<void> | undefined
  return {
    async directory({ item }: FileWork): Promise<Outcome> {
      await directories.make(item.path)
      return 'done'
    },
    async file({ item }: FileWork): Promise<Landing> {
      roomy ??= demandRoom(to, directory, left())
      const below = await directories.make(item.path.slice(0, -1))
      await roomy
      const mode = () => {
        probed ??= newMode(to, new Set([directory, below]), random)
        return probed
      }
      return { sftp: to, directory: below, newMode: mode }
    },
  }
}

/** Rejects with `no-space` where so many bytes cannot fit; a server that does not say is believed to have room. */
async function demandRoom(sftp: Sftp, path: string, bytes: number): Promise<void> {
  if (bytes === 0) return
  const space = await sftp.ask('sftp-statvfs', { path }).catch((error: unknown) => {
    if (passes(error)) throw error
    return undefined
  })
  if (space && space.total > 0 && space.available < bytes) throw noSpace(bytes, space.available)
}
