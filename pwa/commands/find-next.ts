import { activeScreen } from './activeTab.ts'
import type { Command } from './command.ts'

/** Selects the match after the one that is selected. */
export const findNext: Command = {
  id: 'find-next',
  title: 'Find next',
  when: ({ app, view }) => view.finding.value !== undefined && view.finding.value === app.tabs.active.value,
  run: (desk) => activeScreen(desk)?.find(desk.view.findText.peek()),
}
