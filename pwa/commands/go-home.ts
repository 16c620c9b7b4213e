import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Opens the home directory. */
export const goHome: Command = {
  id: 'go-home',
  title: 'Go to the home folder',
  keys: ['Alt+Home'],
  appleKeys: ['Meta+Shift+H'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk) !== undefined,
  run(desk) {
    const files = activeFiles(desk)
    return files?.directory.open(files.tab.sftp.info.peek()?.home ?? '.')
  },
}
