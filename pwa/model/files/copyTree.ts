import { type FileInfo, joinPath, parentPath } from '../../../shared/fileInfo.ts'
import { bounds } from '../../../shared/protocol.ts'
import { newId } from '../id.ts'
import type { Sftp } from '../sftp.ts'
import { atOnce } from './atOnce.ts'
import { failureOfFile, refused } from './fileFailure.ts'
import { isRegular, isThere, nameOf } from './lstat.ts'
import { copyName } from './names.ts'
import type { Progress } from './removeTree.ts'
import { walk } from './walk.ts'

/** Files that are copied side by side: each is two open files at the server. */
const MOST = 4

/**
 * Copies a file, a link as a link, or a directory with all that is in it, beside itself under the first free name of a copy;
 * modes and times are kept. After an abort it ends early. Rejects with `Failed` where it is not about a single file.
 * @returns the path of the copy
 */
export async function duplicate(
  sftp: Pick<Sftp, 'ask' | 'list'>,
  file: FileInfo,
  { signal, done, problem }: Progress,
): Promise<string> {
  const top = await freePath(sftp, file.path)
  const one = async (info: FileInfo, to: string) => {
    try {
      if (info.type === 'symlink') {
        const { target } = await sftp.ask('sftp-readlink', { path: info.path })
        await sftp.ask('sftp-symlink', { path: to, target })
      } else await copyFile(sftp, info, to, signal)
    } catch (error) {
      const failure = failureOfFile(error)
      if (!failure) throw error
      return problem({ path: info.path, failure })
    }
    if (!signal?.aborted) done(info)
  }
  if (file.type !== 'directory') {
    await one(file, top)
    return top
  }
  await sftp.ask('sftp-mkdir', { path: top, mode: 0o700 })
  done(file)
  const made: { info: FileInfo; to: string }[] = [{ info: file, to: top }]
  const tree = walk(sftp, file.path, signal, (path, failure) => problem({ path, failure }))
  const files = async function* () {
    for await (const { info, relative } of tree) {
      const to = relative.reduce(joinPath, top)
      if (info.type !== 'directory') yield { info, to }
      else {
        await sftp.ask('sftp-mkdir', { path: to, mode: 0o700 })
        made.push({ info, to })
        done(info)
      }
    }
  }
  await atOnce(files(), MOST, ({ info, to }) => one(info, to), signal)
  // Last, since what is put into a directory changes its time, and a mode may shut it.
  await atOnce(made.toReversed(), MOST, ({ info, to }) => dress(sftp, info, to).catch(ofFile(problem, info.path)))
  return top
}

/** Contents first under a name that nobody looks for, so that the copy is whole from the moment that it is there. */
async function copyFile(
  sftp: Pick<Sftp, 'ask'>,
  info: FileInfo,
  to: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  // To open a pipe would wait for whoever writes into it.
  if (!isRegular(info)) throw refused('sftp-unsupported')
  const part = joinPath(parentPath(to), `.${nameOf(to).slice(0, 60)}.${newId().slice(0, 12)}.part`)
  const from = await sftp.ask('sftp-open', { path: info.path, read: true })
  try {
    const into = await sftp.ask('sftp-open', { path: part, write: true, create: true, exclusive: true, mode: 0o600 })
    try {
      let offset = 0
      for (let copied = 1; copied > 0 && !signal?.aborted; offset += copied) {
        const piece = { handle: from.handle, offset, length: bounds.copy, to: { handle: into.handle, offset } }
        copied = (await sftp.ask('sftp-copy', piece)).copied
      }
      if (!signal?.aborted) {
        const { attributes } = await sftp.ask('sftp-fstat', { handle: from.handle })
        if (attributes.size !== undefined && attributes.size !== offset) throw refused('changed-meanwhile')
      }
    } finally {
      await sftp.ask('sftp-close', { handle: into.handle })
    }
    if (!signal?.aborted) {
      await dress(sftp, info, part)
      await sftp.ask('sftp-rename', { from: part, to })
      return
    }
    await sftp.ask('sftp-remove', { path: part })
  } catch (error) {
    await sftp.ask('sftp-remove', { path: part }).catch(() => undefined)
    throw error
  } finally {
    await sftp.ask('sftp-close', { handle: from.handle }).catch(() => undefined)
  }
}

/** Gives a copy the permissions and the times of what it is a copy of; never set-user-id, which would be another's. */
async function dress(sftp: Pick<Sftp, 'ask'>, info: FileInfo, path: string): Promise<void> {
  const mtime = Math.max(0, Math.floor(info.modifiedAt.getTime() / 1000))
  const { mode, atime = mtime } = info
  const attributes = { ...(mode !== undefined && { mode: mode & 0o777 }), atime, mtime }
  await sftp.ask('sftp-setstat', { path, attributes })
}

function ofFile(problem: Progress['problem'], path: string): (error: unknown) => void {
  return (error) => {
    const failure = failureOfFile(error)
    if (!failure) throw error
    problem({ path, failure })
  }
}

/** The first path of a copy that nothing has. */
async function freePath(sftp: Pick<Sftp, 'ask'>, path: string): Promise<string> {
  for (let nth = 1; ; nth++) {
    const free = joinPath(parentPath(path), copyName(nameOf(path), nth))
    if (!(await isThere(sftp, free))) return free
  }
}
