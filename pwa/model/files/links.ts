import { joinPath, parentPath } from '../../../shared/fileInfo.ts'
import { newId } from '../id.ts'
import type { Sftp } from '../sftp.ts'

/** Whether the server said that it can do this beyond SFTP 3. Reads a signal. */
export function hasExtension(sftp: Pick<Sftp, 'info'>, name: string): boolean {
  return sftp.info.value?.extensions.includes(name) ?? false
}

/**
 * Lets a symbolic link point elsewhere: a new one is put in its place, at once where the server can. Where it cannot, the old one is
 * put aside meanwhile and comes back if it fails. Rejects with `Failed`.
 */
export async function changeLink(sftp: Pick<Sftp, 'ask' | 'info'>, path: string, target: string): Promise<void> {
  const beside = (what: string) => joinPath(parentPath(path), `.${newId().slice(0, 12)}.${what}`)
  const made = beside('new')
  await sftp.ask('sftp-symlink', { path: made, target })
  try {
    if (hasExtension(sftp, 'posix-rename@openssh.com')) {
      await sftp.ask('sftp-rename', { from: made, to: path, overwrite: true })
      return
    }
    const old = beside('old')
    await sftp.ask('sftp-rename', { from: path, to: old })
    try {
      await sftp.ask('sftp-rename', { from: made, to: path })
    } catch (error) {
      await sftp.ask('sftp-rename', { from: old, to: path })
      throw error
    }
    await sftp.ask('sftp-remove', { path: old })
  } catch (error) {
    await sftp.ask('sftp-remove', { path: made }).catch(() => undefined)
    throw error
  }
}
