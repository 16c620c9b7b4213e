import { type FileInfo, parentPath } from '../../../shared/fileInfo.ts'
import type { Sftp } from '../sftp.ts'
import { atOnce } from './atOnce.ts'
import { failedWith, failureOfFile, type Problem } from './fileFailure.ts'
import { Levels } from './levels.ts'
import { walk } from './walk.ts'

/** Requests on their way side by side. */
const MOST = 32

/** What happens while much is done, one file after the other. */
export interface Progress {
  signal?: AbortSignal
  /** One more entry is done. */
  done(info: FileInfo): void
  /** One entry could not be done; the others go on. */
  problem(problem: Problem): void
}

/**
 * Removes a file, a link (never what it points to) or a directory with all that is in it. What is gone already counts as
 * removed; what cannot be removed stays, with the directories that it is in. After an abort it ends early. Rejects with
 * `Failed` where it is not about a single file.
 */
export async function removeTree(
  sftp: Pick<Sftp, 'ask' | 'list'>,
  file: FileInfo,
  { signal, done, problem }: Progress,
): Promise<void> {
  const directories = new Levels()
  /** Directories that something had to stay in. */
  const kept = new Set<string>()
  const failed = ({ path, failure }: Problem) => {
    problem({ path, failure })
    kept.add(file.path)
    for (let at = path; at.length > file.path.length; at = parentPath(at)) kept.add(at)
  }
  const one = async (info: FileInfo) => {
    try {
      const path = { path: info.path }
      await (info.type === 'directory' ? sftp.ask('sftp-rmdir', path) : sftp.ask('sftp-remove', path))
    } catch (error) {
      const failure = failureOfFile(error)
      if (!failure) throw error
      if (!failedWith(error, 'no-such-file')) return failed({ path: info.path, failure })
    }
    done(info)
  }
  if (file.type !== 'directory') return one(file)
  directories.add(0, file)
  const tree = walk(sftp, file.path, signal, (path, failure) => {
    if (failure.code !== 'no-such-file') failed({ path, failure })
  })
  const files = async function* () {
    for await (const { info, relative } of tree) {
      if (info.type !== 'directory') yield info
      else directories.add(relative.length, info)
    }
  }
  await atOnce(files(), MOST, one, signal)
  for (const level of directories.upwards()) {
    if (signal?.aborted) return
    await atOnce(
      level.filter(({ path }) => !kept.has(path)),
      MOST,
      one,
      signal,
    )
  }
}
