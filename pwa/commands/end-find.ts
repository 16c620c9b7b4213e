import { activeScreen } from './activeTab.ts'
import type { Command } from './command.ts'

/** Closes the search and gives the keys back to the terminal. */
export const endFind: Command = {
  id: 'end-find',
  title: 'Close the search',
  when: ({ view }) => view.finding.value !== undefined,
  run(desk) {
    desk.view.finding.value = undefined
    const screen = activeScreen(desk)
    screen?.endFind()
    screen?.focus()
  },
}
