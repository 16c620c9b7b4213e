import { joinPath, parentPath } from '../../../shared/fileInfo.ts'
import { newId } from '../id.ts'
import type { Sftp } from '../sftp.ts'
import { refused } from './fileFailure.ts'
import { isThere, nameOf } from './lstat.ts'

/**
 * Gives a file another name or place within its file system, and never takes another's away: rejects with `file-exists` where
 * there is one. Where names differ by case only and the server does not tell them apart, the file changes its case.
 */
export async function renameFile(sftp: Pick<Sftp, 'ask' | 'list'>, from: string, to: string): Promise<void> {
  if (from === to) return
  if (!(await isThere(sftp, to))) {
    await sftp.ask('sftp-rename', { from, to })
    return
  }
  const sameButCase = from.toLowerCase() === to.toLowerCase()
  if (!sameButCase || (await isListed(sftp, to))) throw refused('file-exists')
  const between = joinPath(parentPath(to), `.${newId().slice(0, 12)}`)
  await sftp.ask('sftp-rename', { from, to: between })
  try {
    await sftp.ask('sftp-rename', { from: between, to })
  } catch (error) {
    await sftp.ask('sftp-rename', { from: between, to: from })
    throw error
  }
}

/** Whether a directory has an entry of exactly this name. */
async function isListed(sftp: Pick<Sftp, 'list'>, path: string): Promise<boolean> {
  const name = nameOf(path)
  for await (const { files } of sftp.list(parentPath(path))) {
    if (files.some((file) => file.name === name)) return true
  }
  return false
}
