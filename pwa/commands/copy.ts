import { activeScreen } from './activeTab.ts'
import type { Command } from './command.ts'

/** Copies what is selected in the terminal. */
export const copy: Command = {
  id: 'copy',
  title: 'Copy',
  keys: ['Mod+C'],
  keysIn: 'terminal',
  when: (desk) => Boolean(activeScreen(desk)?.selection()),
  async run(desk) {
    const copied = await activeScreen(desk)?.copy()
    if (copied === false) desk.view.say('The browser did not allow copying', 'failure')
  },
}
