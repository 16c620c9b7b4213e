import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Tries the server's own SFTP again where the shell was used for files. */
export const useSftpForFiles: Command<string> = {
  id: 'use-sftp-for-files',
  title: 'Use SFTP for files',
  when: (desk) => activeFiles(desk)?.tab.record.value.view.filesBy !== undefined,
  async run(desk, tabId = activeFiles(desk)?.tab.id) {
    const tab = desk.app.tabs.get(tabId)
    if (!tab) return
    desk.app.tabs.change(tab.id, { filesBy: undefined })
    await tab.sftp.becomeYourself()
    await desk.view.directory(tab).refresh()
  },
}
