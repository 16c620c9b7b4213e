import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Opens a new shell in place of one that has ended. */
export const reconnect: Command<string> = {
  id: 'reconnect',
  title: 'Reconnect',
  when: (desk) => activeTab(desk)?.session.state.value === 'closed',
  run(desk, id) {
    const tab = id === undefined ? activeTab(desk) : desk.app.tabs.get(id)
    if (tab?.record.peek().view.terminal) {
      tab.session.reconnect()
      tab.session.screen.peek()?.focus()
    }
  },
}
