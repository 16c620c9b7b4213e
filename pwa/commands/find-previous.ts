import { activeScreen } from './activeTab.ts'
import type { Command } from './command.ts'

/** Selects the match before the one that is selected. */
export const findPrevious: Command = {
  id: 'find-previous',
  title: 'Find previous',
  when: ({ app, view }) => view.finding.value !== undefined && view.finding.value === app.tabs.active.value,
  run: (desk) => activeScreen(desk)?.find(desk.view.findText.peek(), { backwards: true }),
}
