import { activeFiles, activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Opens the directory that the shell is in. */
export const followDirectory: Command = {
  id: 'follow-directory',
  title: 'Show the directory of the shell',
  when: (desk) => activeFiles(desk) !== undefined && activeTab(desk)?.session.directory.value !== undefined,
  run(desk) {
    const path = activeTab(desk)?.session.directory.peek()
    return path === undefined ? undefined : activeFiles(desk)?.open(path)
  },
}
