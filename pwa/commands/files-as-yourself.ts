import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Closes a tab's files as root, and reads them as the person again. */
export const filesAsYourself: Command<string> = {
  id: 'files-as-yourself',
  title: 'Back to yourself',
  when: (desk) => activeFiles(desk)?.tab.sftp.asRoot.value === true,
  async run(desk, tabId = activeFiles(desk)?.tab.id) {
    const tab = desk.app.tabs.get(tabId)
    if (!tab) return
    await tab.sftp.becomeYourself()
    await desk.view.directory(tab).refresh()
  },
}
