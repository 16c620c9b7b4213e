import { joinPath } from '../../../shared/fileInfo.ts'

/** Where the trash of an account is, and in it what was deleted. Pure. @param home absolute */
export function trashPaths(home: string): { trash: string; files: string; info: string } {
  const trash = joinPath(home, '.local/share/Trash')
  return { trash, files: `${trash}/files`, info: `${trash}/info` }
}
