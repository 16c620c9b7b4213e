import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Lets a person give a tab a name of their own. */
export const renameTab: Command<string> = {
  id: 'rename-tab',
  title: 'Rename tab',
  when: (desk) => activeTab(desk) !== undefined,
  run(desk, id = activeTab(desk)?.id) {
    desk.view.renaming.value = id
  },
}
