import { type FileInfo, parentPath } from '../../shared/fileInfo.ts'
import { Failed } from '../model/failure.ts'
import type { TabView } from '../model/tabs.ts'
import type { Desk } from './desk.ts'
import { sameAccount } from './filesChanged.ts'
import { refreshAfter } from './refreshAfter.ts'

/**
 * Copies or moves files of one tab's host into a directory of another's, as a transfer; what only needs another path is moved at
 * once, and can be taken back. What is there already is left where it is; a directory that would go into itself is refused
 * with `Failed`.
 */
export async function carryFiles(
  desk: Desk,
  from: TabView,
  files: readonly FileInfo[],
  to: TabView,
  directory: string,
  how: 'copy' | 'move',
): Promise<void> {
  const one = sameAccount(from, to)
  const inside = ({ path }: FileInfo) => directory === path || directory.startsWith(`${path}/`)
  if (one && files.some((file) => file.type === 'directory' && inside(file))) throw new Failed('into-itself')
  const going = files.filter(({ path }) => !(one && how === 'move' && parentPath(path) === directory))
  const near = one && how === 'move' && from.sftp.asRoot.peek() === to.sftp.asRoot.peek()
  const rest = near ? await (await import('./moving.ts')).moveFiles(desk, from, going, to, directory) : going
  if (!rest.length) return
  const id = await desk.app.transfers.copy(from, rest, to, directory, how)
  const left = how === 'move' ? rest.map(({ path }) => parentPath(path)) : []
  refreshAfter(desk, id, [
    { tab: to, directories: [directory] },
    { tab: from, directories: left },
  ])
}
