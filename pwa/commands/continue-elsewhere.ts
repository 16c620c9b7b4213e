import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Shows a code and a link by which another device takes the session up. */
export const continueElsewhere: Command = {
  id: 'continue-elsewhere',
  title: 'Continue on another device',
  when: (desk) => {
    const tab = activeTab(desk)
    return tab?.session.state.value === 'open' && tab.record.value.session?.attachKey !== undefined
  },
  run(desk) {
    const tab = activeTab(desk)
    if (tab) desk.view.sheet.value = { kind: 'hand-off', tabId: tab.id }
  },
}
