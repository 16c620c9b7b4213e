import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Brings a session back from the window that has it. */
export const takeBackSession: Command = {
  id: 'take-back-session',
  title: 'Take the session back',
  when: (desk) => activeTab(desk)?.session.takenElsewhere.value === true,
  run(desk) {
    const tab = activeTab(desk)
    if (!tab) return
    tab.session.takeBack()
    // From now on it is this window's tab.
    desk.app.tabs.activate(tab.id)
    tab.session.screen.peek()?.focus()
  },
}
