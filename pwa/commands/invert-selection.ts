import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Selects the files that are not selected, and no others. */
export const invertSelection: Command = {
  id: 'invert-selection',
  title: 'Invert the selection of files',
  when: (desk) => activeFiles(desk) !== undefined,
  run: (desk) => activeFiles(desk)?.directory.invertSelection(),
}
