import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Ends the session of a tab and leaves the tab. */
export const disconnect: Command<string> = {
  id: 'disconnect',
  title: 'Disconnect',
  when: (desk) => {
    const state = activeTab(desk)?.session.state.value
    return state !== undefined && state !== 'closed'
  },
  run(desk, id) {
    const tab = id === undefined ? activeTab(desk) : desk.app.tabs.get(id)
    return tab?.session.close()
  },
}
