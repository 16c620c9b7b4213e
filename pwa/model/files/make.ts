import type { Sftp } from '../sftp.ts'
import { refused } from './fileFailure.ts'
import { isThere } from './lstat.ts'

/** Makes an empty file, with the permissions that the server gives new ones. Rejects with `file-exists` where there is anything. */
export async function makeFile(sftp: Pick<Sftp, 'ask'>, path: string): Promise<void> {
  if (await isThere(sftp, path)) throw refused('file-exists')
  const { handle } = await sftp.ask('sftp-open', { path, write: true, create: true, exclusive: true })
  await sftp.ask('sftp-close', { handle })
}

/** Makes a directory. Rejects with `file-exists` where there is anything: servers answer a mere failure there. */
export async function makeFolder(sftp: Pick<Sftp, 'ask'>, path: string): Promise<void> {
  if (await isThere(sftp, path)) throw refused('file-exists')
  await sftp.ask('sftp-mkdir', { path })
}

/** Makes a symbolic link at `path` that says `target`, or gives the file `target` a further name. Rejects with `Failed`. */
export async function makeLink(
  sftp: Pick<Sftp, 'ask'>,
  kind: 'symbolic' | 'hard',
  path: string,
  target: string,
): Promise<void> {
  if (await isThere(sftp, path)) throw refused('file-exists')
  await (kind === 'hard'
    ? sftp.ask('sftp-hardlink', { from: target, to: path })
    : sftp.ask('sftp-symlink', { path, target }))
}
