import { type FileInfo, fileType } from '../../../shared/fileInfo.ts'
import { type AppFailure, Failed } from '../failure.ts'
import type { Page, Sftp } from '../sftp.ts'
import { failureOfFile, refused } from './fileFailure.ts'

/** Directories below each other, and entries in all, beyond which a tree is not walked. */
export const treeBounds = { depth: 256, entries: 1_000_000 } as const

/** Directories that are read side by side: one after the other would cost their round trips. */
const AHEAD = 4

/** An entry of a tree; `relative` is its place below where the walk began, as names. */
export interface TreeEntry {
  path: string
  relative: string[]
  info: FileInfo
}

interface Place {
  path: string
  relative: string[]
}

interface Reading extends Place {
  pages: AsyncIterator<Page, void>
  next: Promise<Step>
}

type Step = { reading: Reading; page: Page | undefined } | { reading: Reading; error: unknown }

/**
 * Everything below a directory, a directory before what is in it, otherwise in no order; below anything else there is nothing.
 * Links are never followed: a directory that another has taken the place of meanwhile is not read. After an abort it ends early.
 * Rejects with `Failed`, `tree-too-deep` and `tree-too-large` among them.
 * @param problem is told of what cannot be read, which is then left out; without it the walk rejects
 * @param entering is waited for before a directory is read
 */
export async function* walk(
  sftp: Pick<Sftp, 'ask' | 'list'>,
  path: string,
  signal?: AbortSignal,
  problem?: (path: string, failure: AppFailure) => void,
  entering?: (entry: TreeEntry) => Promise<void>,
): AsyncGenerator<TreeEntry, void, undefined> {
  try {
    const { attributes } = await sftp.ask('sftp-lstat', { path })
    if (fileType(attributes.mode ?? 0) !== 'directory') return
  } catch (error) {
    const failure = failureOfFile(error)
    if (!problem || !failure) throw error
    problem(path, failure)
    return
  }
  const left: (Place & { entry?: TreeEntry })[] = [{ path, relative: [] }]
  const readings = new Set<Reading>()
  let entries = 0
  try {
    while (!signal?.aborted && (left.length > 0 || readings.size > 0)) {
      while (readings.size < AHEAD) {
        const place = left.pop()
        if (!place) break
        if (place.entry) await entering?.(place.entry)
        readings.add(read(sftp, place, signal))
      }
      const step = await Promise.race(Array.from(readings, ({ next }) => next))
      const { reading } = step
      if ('error' in step) {
        readings.delete(reading)
        const failure = failureOfFile(step.error)
        if (!problem || !failure) throw step.error
        problem(reading.path, failure)
        continue
      }
      const { page } = step
      if (!page || signal?.aborted) {
        readings.delete(reading)
        continue
      }
      const depth = reading.relative.length
      // The first listing says what the way to the tree really is; from there on there are no links.
      if (depth > 0 && page.path !== reading.path) {
        readings.delete(reading)
        void reading.pages.return?.()
        const failure = refused('changed-meanwhile')
        if (!problem) throw failure
        problem(reading.path, failure.failure)
        continue
      }
      reading.next = stepOf(reading)
      for (const info of page.files) {
        if (info.name === '.' || info.name === '..') continue
        if (++entries > treeBounds.entries) throw new Failed('tree-too-large')
        const entry = { path: info.path, relative: [...reading.relative, info.name], info }
        yield entry
        if (info.type !== 'directory') continue
        if (depth + 1 >= treeBounds.depth) throw new Failed('tree-too-deep')
        left.push({ path: entry.path, relative: entry.relative, entry })
      }
    }
  } finally {
    for (const { pages } of readings) void pages.return?.()
  }
}

function read(sftp: Pick<Sftp, 'list'>, { path, relative }: Place, signal: AbortSignal | undefined): Reading {
  const pages = sftp.list(path, signal)
  const reading = { path, relative, pages }
  return Object.assign(reading, { next: stepOf(reading) })
}

/** Never rejects, so that one that nobody waits for any more troubles nobody. */
async function stepOf(reading: Omit<Reading, 'next'>): Promise<Step> {
  try {
    const { done, value } = await reading.pages.next()
    return { reading: reading as Reading, page: done ? undefined : (value as Page) }
  } catch (error) {
    return { reading: reading as Reading, error }
  }
}
