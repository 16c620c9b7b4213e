import { joinPath } from '../../shared/fileInfo.ts'
import { activeFiles } from './activeFiles.ts'
import { askName } from './askName.ts'
import type { Command } from './command.ts'
import { filesChanged } from './filesChanged.ts'

/** Makes a directory in the one that is shown; without an argument it asks for the name. */
export const newFolder: Command<{ tabId: string; directory: string; name: string }> = {
  id: 'new-folder',
  title: 'New folder',
  keys: ['F7'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk) !== undefined,
  async run(desk, what) {
    const { app } = desk
    if (!what) return askName(desk, 'folder')
    const tab = app.tabs.get(what.tabId)
    if (!tab) return
    const path = joinPath(what.directory, what.name)
    const { makeFolder } = await import('../model/files/make.ts')
    await makeFolder(tab.sftp, path)
    await filesChanged(desk, tab, [what.directory], [what.name])
  },
}
