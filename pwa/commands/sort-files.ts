import type { Sort } from '../store/schema.ts'
import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Sorts the files by a column, or turns the order of that column; it is kept for the host. */
export const sortFiles: Command<Sort['by']> = {
  id: 'sort-files',
  title: 'Sort the files',
  needsArgument: true,
  when: (desk) => activeFiles(desk) !== undefined,
  run(desk, by) {
    const files = activeFiles(desk)
    if (!files || by === undefined) return
    files.directory.sortBy(by)
    desk.app.tabs.change(files.tab.id, { sort: files.directory.sort.peek() })
  },
}
