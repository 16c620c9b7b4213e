import { joinPath } from '../../../shared/fileInfo.ts'
import { partPath } from '../../../shared/partPath.ts'
import { bounds } from '../../../shared/protocol.ts'
import type { Transfer, TransferItem } from '../../store/schema.ts'
import type { Sftp } from '../sftp.ts'
import { passes } from './backOff.ts'
import { probePath } from './newMode.ts'
import { removeIfThere } from './remote.ts'

/** Paths that are told of. */
const MOST = 1_000

/** Part of the name of the unfinished file of an item, the same at every try. Pure. */
export function randomOf({ random }: Pick<Transfer, 'random'>, at: number): string {
  return random + at.toString(36)
}

/** The same for a file that goes in one request: another at every try, since one that was cut off may still be on its way. Pure. */
export function randomOfTry(random: string, nth: number): string {
  return `${random}P${nth}`
}

/** Where unfinished files of a transfer may be on its host. Pure. */
export function unfinished(record: Transfer, items: readonly TransferItem[]): string[] {
  const { directory, kind } = record
  if (kind === 'download' || directory === undefined) return []
  const parts = items.flatMap(({ state, kind: what, path, name, size, tries = 0 }, at) => {
    if (what !== 'file' || !(state === 'begun' || state === 'failed')) return []
    const target = joinPath(directory, [...path.slice(0, -1), name ?? path.at(-1)].join('/'))
    const random = randomOf(record, at)
    if (size > bounds.fileData) return [partPath(target, random)]
    // The host has tidied up after a try that it has answered.
    const unanswered = state === 'failed' ? tries - 1 : tries
    return Array.from({ length: Math.max(0, unanswered) }, (_, nth) => partPath(target, randomOfTry(random, nth + 1)))
  })
  return parts.length > 0 ? [probePath(directory, record.random), ...parts] : []
}

/** Removes files of a host; resolves with what is to be tried again, and what cannot be removed. */
export async function removeAll(
  sftp: Sftp | undefined,
  paths: readonly string[],
): Promise<{ left: string[]; stuck: string[] }> {
  const left: string[] = []
  const stuck: string[] = []
  for (const path of paths) {
    if (!sftp) {
      left.push(path)
      continue
    }
    try {
      await removeIfThere(sftp, path)
    } catch (error) {
      if (passes(error)) left.push(path)
      else stuck.push(path)
    }
  }
  return { left: left.slice(0, MOST), stuck: stuck.slice(0, MOST) }
}
