import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Closes a tab, the active one unless another is named, and ends its session. */
export const closeTab: Command<string> = {
  id: 'close-tab',
  title: 'Close tab',
  keys: ['Mod+X'],
  appleKeys: ['Meta+Shift+X'],
  when: ({ app }) => app.tabs.tabs.value.length > 0,
  async run(desk, id = activeTab(desk)?.id) {
    if (id !== undefined) await desk.app.tabs.close(id)
  },
}
