import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Makes copies of the chosen files beside them, on the host itself. */
export const duplicateFiles: Command = {
  id: 'duplicate-files',
  title: 'Duplicate files',
  keys: ['Ctrl+D'],
  appleKeys: ['Meta+D'],
  keysIn: 'files',
  when: (desk) => Boolean(activeFiles(desk)?.chosen.length),
  async run(desk) {
    const { tab, chosen: files = [] } = activeFiles(desk) ?? {}
    if (tab) await (await import('./duplicating.ts')).duplicateAll(desk, tab, files)
  },
}
