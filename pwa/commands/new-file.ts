import { joinPath } from '../../shared/fileInfo.ts'
import { activeFiles } from './activeFiles.ts'
import { askName } from './askName.ts'
import type { Command } from './command.ts'
import { editFile } from './edit-file.ts'
import { filesChanged } from './filesChanged.ts'

/** Makes an empty file in the directory that is shown, and opens it; without an argument it asks for the name. */
export const newFile: Command<{ tabId: string; directory: string; name: string }> = {
  id: 'new-file',
  title: 'New file',
  keys: ['Shift+F4'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk) !== undefined,
  async run(desk, what) {
    const { app } = desk
    if (!what) return askName(desk, 'file')
    const tab = app.tabs.get(what.tabId)
    if (!tab) return
    const path = joinPath(what.directory, what.name)
    const [{ makeFile }, { lstat }] = await Promise.all([
      import('../model/files/make.ts'),
      import('../model/files/lstat.ts'),
    ])
    await makeFile(tab.sftp, path)
    await filesChanged(desk, tab, [what.directory], [what.name])
    await desk.run(editFile, { tabId: tab.id, file: await lstat(tab.sftp, path) })
  },
}
