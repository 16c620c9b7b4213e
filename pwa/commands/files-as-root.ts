import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Asks for sudo's password, to have a tab's files as root. */
export const filesAsRoot: Command<string> = {
  id: 'files-as-root',
  title: 'Files as root…',
  when(desk) {
    const sftp = activeFiles(desk)?.tab.sftp
    return sftp !== undefined && (!sftp.asRoot.value || sftp.state.value === 'closed')
  },
  run(desk, tabId = activeFiles(desk)?.tab.id) {
    if (tabId !== undefined) desk.view.sheet.value = { kind: 'files-as-root', tabId }
  },
}
