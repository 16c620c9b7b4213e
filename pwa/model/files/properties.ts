import type { Sftp } from '../sftp.ts'
import { failureOfFile } from './fileFailure.ts'

/** Bytes of a file system: in all, and free for this account. */
export interface Space {
  total: number
  available: number
  readOnly: boolean
}

/** The space of the file system that a path is on; undefined where the server does not tell. Rejects with `Failed` where it is not about the file. */
export async function spaceOf(sftp: Pick<Sftp, 'ask'>, path: string): Promise<Space | undefined> {
  try {
    return await sftp.ask('sftp-statvfs', { path })
  } catch (error) {
    if (failureOfFile(error)) return undefined
    throw error
  }
}

/** The SHA-256 of a file in hexadecimal, computed on its host. Rejects with `Failed`, `sftp-unsupported` where no command can be run there. */
export async function sha256Of(sftp: Pick<Sftp, 'ask'>, path: string): Promise<string> {
  return (await sftp.ask('sftp-hash', { path })).sha256
}

/** What a symbolic link says. Rejects with `Failed`. */
export async function targetOf(sftp: Pick<Sftp, 'ask'>, path: string): Promise<string> {
  return (await sftp.ask('sftp-readlink', { path })).target
}

/** Sets when a file was read and changed last, in seconds since 1970; of a link those of what it points to. Rejects with `Failed`. */
export async function setTimes(
  sftp: Pick<Sftp, 'ask'>,
  path: string,
  times: { atime: number; mtime: number },
): Promise<void> {
  await sftp.ask('sftp-setstat', { path, attributes: times })
}
