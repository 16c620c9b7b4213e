import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Has the files of a host whose server has no SFTP by its commands; it is remembered for the host. */
export const useShellForFiles: Command<string> = {
  id: 'use-shell-for-files',
  title: 'Use the shell for files',
  when(desk) {
    const files = activeFiles(desk)
    return files?.directory.failure.value?.code === 'sftp-refused' && !files.tab.record.value.view.filesBy
  },
  async run(desk, tabId = activeFiles(desk)?.tab.id) {
    const tab = desk.app.tabs.get(tabId)
    if (!tab) return
    desk.app.tabs.change(tab.id, { filesBy: 'exec' })
    await tab.sftp.close()
    await desk.view.directory(tab).refresh()
  },
}
