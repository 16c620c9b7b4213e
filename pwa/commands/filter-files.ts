import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Opens the field that leaves only those names in the list that hold what is typed. */
export const filterFiles: Command = {
  id: 'filter-files',
  title: 'Filter the files',
  keys: ['Ctrl+F'],
  appleKeys: ['Meta+F'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk) !== undefined,
  run(desk) {
    desk.view.front.value = 'files'
    desk.view.filtering.value = activeFiles(desk)?.tab.id
  },
}
