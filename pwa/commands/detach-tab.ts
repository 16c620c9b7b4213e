import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Closes a tab and leaves its session running on the relay. */
export const detachTab: Command<string> = {
  id: 'detach-tab',
  title: 'Detach: close the tab, keep the session',
  when: (desk) => {
    const tab = activeTab(desk)
    return tab?.session.state.value === 'open' && tab.record.value.session?.attachKey !== undefined
  },
  async run(desk, id = activeTab(desk)?.id) {
    if (id === undefined) return
    await desk.app.heldSessions.detach(id)
    desk.view.say('The session goes on. “Sessions on the relay” brings it back.')
  },
}
