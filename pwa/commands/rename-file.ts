import { joinPath, parentPath } from '../../shared/fileInfo.ts'
import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { filesChanged } from './filesChanged.ts'
import { nameText } from './fileWords.ts'

/** Gives a file another name; without an argument it lets the person type it in the list. */
export const renameFile: Command<{ tabId: string; path: string; to: string }> = {
  id: 'rename-file',
  title: 'Rename file',
  keys: ['F2'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk)?.chosen.length === 1,
  async run(desk, what) {
    const { app, view } = desk
    if (!what) {
      const { tab, chosen } = activeFiles(desk) ?? {}
      const file = chosen?.[0]
      if (!tab || !file) return
      view.renamingFile.value = { tabId: tab.id, path: file.path }
      return
    }
    const { tabId, path, to: name } = what
    const tab = app.tabs.get(tabId)
    if (!tab) return
    const directory = parentPath(path)
    const to = joinPath(directory, name)
    if (to === path) return
    const { renameFile: rename } = await import('../model/files/renameFile.ts')
    await rename(tab.sftp, path, to)
    await filesChanged(desk, tab, [directory], [name])
    const before = path.slice(path.lastIndexOf('/') + 1)
    view.say(`Renamed to “${nameText(name)}”`, 'done', async () => {
      await rename(tab.sftp, to, path)
      await filesChanged(desk, tab, [directory], [before])
    })
  },
}
