import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Remembers the chosen files, to be moved where they are pasted. */
export const cutFiles: Command = {
  id: 'cut-files',
  title: 'Cut files',
  keys: ['Ctrl+X'],
  appleKeys: ['Meta+X'],
  keysIn: 'files',
  when: (desk) => Boolean(activeFiles(desk)?.chosen.length),
  run(desk) {
    const files = activeFiles(desk)
    if (!files?.chosen.length) return
    desk.view.take(files.tab, files.chosen, 'move')
  },
}
