import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Remembers the chosen files, to be copied where they are pasted. */
export const copyFiles: Command = {
  id: 'copy-files',
  title: 'Copy files',
  keys: ['Ctrl+C'],
  appleKeys: ['Meta+C'],
  keysIn: 'files',
  when: (desk) => Boolean(activeFiles(desk)?.chosen.length),
  run(desk) {
    const files = activeFiles(desk)
    if (!files?.chosen.length) return
    desk.view.take(files.tab, files.chosen, 'copy')
  },
}
