import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Opens the directory that the shell is in. */
export const followDirectory: Command = {
  id: 'follow-directory',
  title: 'Show the folder of the shell',
  when: (desk) => activeFiles(desk)?.tab.session.directory.value !== undefined,
  run(desk) {
    const files = activeFiles(desk)
    const path = files?.tab.session.directory.peek()
    return path === undefined ? undefined : files?.directory.open(path)
  },
}
