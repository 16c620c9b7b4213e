import { activeScreen } from './activeTab.ts'
import type { Command } from './command.ts'

/** Opens the search over the active terminal. */
export const findInTerminal: Command = {
  id: 'find-in-terminal',
  title: 'Find in the terminal',
  keys: ['Mod+F'],
  when: (desk) => activeScreen(desk) !== undefined,
  run(desk) {
    const picked = activeScreen(desk)?.selection()
    if (picked && !picked.includes('\n')) desk.view.findText.value = picked
    desk.view.finding.value = desk.app.tabs.active.peek()
  },
}
