import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Brings the terminal of the active tab to the front and gives it the keys. */
export const showTerminal: Command = {
  id: 'show-terminal',
  title: 'Go to the terminal',
  keys: ['Mod+J'],
  when: (desk) => activeTab(desk) !== undefined,
  run(desk) {
    const tab = activeTab(desk)
    if (!tab) return
    desk.view.front.value = 'terminal'
    desk.app.tabs.change(tab.id, { terminal: true })
    tab.session.screen.peek()?.focus()
  },
}
