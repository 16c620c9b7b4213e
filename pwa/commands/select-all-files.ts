import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Selects every file that is shown. */
export const selectAllFiles: Command = {
  id: 'select-all-files',
  title: 'Select all files',
  keys: ['Ctrl+A'],
  appleKeys: ['Meta+A'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk) !== undefined,
  run: (desk) => activeFiles(desk)?.directory.selectAll(),
}
