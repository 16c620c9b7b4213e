import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Counts the chosen files with all that is in them, asks, and deletes them. */
export const deleteForGood: Command = {
  id: 'delete-for-good',
  title: 'Delete for good',
  keys: ['Shift+Delete'],
  appleKeys: ['Alt+Meta+Backspace', 'Shift+Delete'],
  keysIn: 'files',
  when: (desk) => Boolean(activeFiles(desk)?.chosen.length),
  async run(desk) {
    const { tab, chosen: files = [] } = activeFiles(desk) ?? {}
    if (tab) await (await import('./deleting.ts')).askToDelete(desk, tab, files)
  },
}
