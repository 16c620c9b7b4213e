import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'
import { openShell } from './openShell.ts'

/** Opens a further shell on the host of the active tab, on its connection where that is open: without a login. */
export const duplicateTab: Command = {
  id: 'duplicate-tab',
  title: 'Open another shell here',
  keys: ['Mod+O'],
  when: (desk) => activeTab(desk) !== undefined,
  run(desk) {
    const tab = activeTab(desk)
    if (tab) openShell(desk, tab)
  },
}
