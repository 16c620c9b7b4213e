import type { FileInfo } from '../../shared/fileInfo.ts'
import { Failed } from '../model/failure.ts'
import { leadsTo } from '../model/linkTargets.ts'
import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { openFile } from './open-file.ts'

/** Opens an entry of the list: a directory there, a file to be looked at, a link by what it leads to. */
export const openEntry: Command<{ tabId: string; file: FileInfo }> = {
  id: 'open-entry',
  title: 'Open',
  when: (desk) => activeFiles(desk)?.chosen.length === 1,
  async run(desk, given) {
    const files = activeFiles(desk)
    const [only] = files?.chosen ?? []
    const { tabId, file } = given ?? { tabId: files?.tab.id, file: only }
    const tab = desk.app.tabs.get(tabId)
    if (!tab || !file) return
    const kind = file.type === 'symlink' ? await leadsTo(tab.sftp, file.path) : file.type
    if (kind === 'broken') throw new Failed('broken-link')
    if (kind === 'directory') await desk.view.directory(tab).open(file.path)
    else await desk.run(openFile, { tabId: tab.id, file })
  },
}
