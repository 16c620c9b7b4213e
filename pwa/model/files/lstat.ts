import { type FileInfo, fileType, permissionsText } from '../../../shared/fileInfo.ts'
import type { Attributes } from '../../../shared/protocol.ts'
import type { Sftp } from '../sftp.ts'
import { failedWith } from './fileFailure.ts'

/** The name at the end of an absolute path; that of `/` is `/`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || '/'
}

/** What a path names, a link as itself; owner and group as numbers. Rejects with `Failed`. */
export async function lstat(sftp: Pick<Sftp, 'ask'>, path: string): Promise<FileInfo> {
  const { attributes } = await sftp.ask('sftp-lstat', { path })
  return infoOf(path, attributes)
}

/** Whether anything has this path, be it a link to nowhere. */
export async function isThere(sftp: Pick<Sftp, 'ask'>, path: string): Promise<boolean> {
  try {
    await sftp.ask('sftp-lstat', { path })
    return true
  } catch (error) {
    if (failedWith(error, 'no-such-file')) return false
    throw error
  }
}

/** Whether it is a file with contents: no device, pipe or socket, which could be read without end, or never. */
export function isRegular({ mode, type }: FileInfo): boolean {
  return type === 'file' && (mode === undefined || (mode & 0o170000) === 0o100000)
}

function infoOf(path: string, { size = 0, mode = 0, uid, gid, atime, mtime = 0 }: Attributes): FileInfo {
  return {
    name: nameOf(path),
    path,
    size,
    type: fileType(mode),
    permissions: permissionsText(mode),
    owner: String(uid ?? ''),
    group: String(gid ?? ''),
    modifiedAt: new Date(mtime * 1000),
    mode,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    ...(atime !== undefined && { atime }),
  }
}
