import { type FileInfo, fileType } from '../../../shared/fileInfo.ts'
import type { Sftp } from '../sftp.ts'

/**
 * The files as they are to be downloaded. A link that was chosen itself stands for what it leads to; links within a folder
 * are never followed. Rejects with `Failed` where a link leads nowhere.
 */
export function linksFollowed(sftp: Sftp, files: readonly FileInfo[]): Promise<FileInfo[]> {
  return Promise.all(
    files.map(async (file) => {
      if (file.type !== 'symlink') return file
      const { attributes } = await sftp.ask('sftp-stat', { path: file.path })
      const { mode = 0, size = 0, mtime = 0 } = attributes
      return { ...file, type: fileType(mode), size, modifiedAt: new Date(mtime * 1000) }
    }),
  )
}
