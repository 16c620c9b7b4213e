import { trashPaths } from '../model/files/trashPath.ts'
import { activeFiles } from './activeFiles.ts'
import type { Desk } from './desk.ts'

/** Whether the trash itself is what the files pane shows. Reads signals. */
export function showsTrash(desk: Desk): boolean {
  const { tab, directory } = activeFiles(desk) ?? {}
  const home = tab?.sftp.info.value?.home
  return home !== undefined && directory?.path.value === trashPaths(home).files
}
