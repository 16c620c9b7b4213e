import type { Sort } from '../store/schema.ts'
import { activeFiles, activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Sorts the files of the active tab by a column, or turns the order of that column; it is kept for the host. */
export const sortFiles: Command<Sort['by']> = {
  id: 'sort-files',
  title: 'Sort the files',
  needsArgument: true,
  when: (desk) => activeFiles(desk) !== undefined,
  run(desk, by) {
    const tab = activeTab(desk)
    if (!tab || by === undefined) return
    const directory = desk.view.directory(tab)
    directory.sortBy(by)
    desk.app.tabs.change(tab.id, { sort: directory.sort.peek() })
  },
}
