import { joinPath, parentPath } from '../../../shared/fileInfo.ts'
import type { Attributes } from '../../../shared/protocol.ts'
import { Failed } from '../failure.ts'
import { failedWith, refused } from '../files/fileFailure.ts'
import { nameOf } from '../files/lstat.ts'
import type { FileWork } from './fileWork.ts'
import { numberedName } from './numberedName.ts'
import { type Files, kindOf, look, seconds } from './remote.ts'

/** Where a file goes on a host. */
export interface Place {
  path: string
  /** What it takes the place of. */
  there: Attributes | undefined
  /** Whether what is there is its beginning, and is gone on from. */
  resume: boolean
}

/** Numbers that are tried for a name beside another. */
const MOST = 1_000

/**
 * Where a file may go: at its place where nothing is, else as the person says. A link is followed, so that it stays what it is.
 * Undefined where the file is to be left out. Rejects with `Failed`.
 * @param isBeginning whether what is there is the beginning of the file
 */
export async function findPlace(
  work: FileWork,
  sftp: Files,
  target: string,
  isBeginning: (path: string, size: number) => Promise<boolean>,
): Promise<Place | undefined> {
  let path = target
  let there = await look(sftp, path)
  if (there && kindOf(there) === 'link') {
    const behind = await follow(sftp, path)
    if (behind) ({ path, there } = behind)
  }
  if (!there) return { path, there: undefined, resume: false }
  const kind = kindOf(there)
  if (kind === 'directory') throw new Failed('is-a-directory')
  if (kind === 'other') throw new Failed('not-a-file')
  const { size = 0, mtime = 0 } = there
  const ours = work.item
  const choice =
    ours.choice ?? (await work.choose(path, { size, modifiedAt: mtime * 1000 }, choicesFor(size, ours.size)))
  const replace = { path, there, resume: false }
  switch (choice) {
    case 'skip':
      return undefined
    case 'newer':
      if (seconds(ours.modifiedAt) <= mtime) return undefined
      work.change({ choice: 'replace' })
      return replace
    case 'keep-both':
      return besides(work, sftp, target)
    case 'resume':
      if (size > ours.size || !(await isBeginning(path, size))) throw new Failed('not-its-beginning')
      if (size === ours.size) return undefined
      work.change({ choice })
      return { ...replace, resume: size > 0 }
    case 'replace':
      work.change({ choice })
      return replace
  }
}

function choicesFor(there: number, ours: number) {
  const always = ['replace', 'newer', 'keep-both', 'skip'] as const
  return there > 0 && there < ours ? ([...always, 'resume'] as const) : always
}

/** What a link leads to; undefined where that is nothing. */
async function follow(sftp: Files, link: string): Promise<{ path: string; there: Attributes } | undefined> {
  try {
    const [{ path }, { attributes }] = await Promise.all([
      sftp.ask('sftp-realpath', { path: link }),
      sftp.ask('sftp-stat', { path: link }),
    ])
    return { path, there: attributes }
  } catch (error) {
    if (failedWith(error, 'no-such-file', 'sftp-failure')) return undefined
    throw error
  }
}

async function besides(work: FileWork, sftp: Files, target: string): Promise<Place> {
  const whole = work.item.path.at(-1) ?? nameOf(target)
  for (let nth = 2; nth <= MOST; nth++) {
    const name = numberedName(whole, nth)
    const path = joinPath(parentPath(target), name)
    if (await look(sftp, path)) continue
    work.change({ name })
    return { path, there: undefined, resume: false }
  }
  throw refused('file-exists')
}
