import type { TabView } from '../model/tabs.ts'
import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'
import type { Desk } from './desk.ts'

/** The tabs whose files can stand beside those of the tab that is shown: connected, or only files. Reads signals. */
export function besideChoices({ app }: Desk): TabView[] {
  return app.tabs.tabs.value.filter(
    ({ id, record, session }) =>
      id !== app.tabs.active.value && (session.state.value === 'open' || !record.value.view.terminal),
  )
}

/** Shows the files of another tab beside those of this one; without a choice it is asked for. */
export const filesBeside: Command<string> = {
  id: 'files-beside',
  title: 'Show the files of another tab beside',
  when: (desk) => activeTab(desk) !== undefined && desk.view.beside.value === undefined,
  run(desk, other) {
    const tab = activeTab(desk)
    if (!tab) return
    if (other === undefined) {
      desk.view.sheet.value = { kind: 'files-beside' }
      return
    }
    desk.app.tabs.change(tab.id, { files: true })
    desk.view.front.value = 'files'
    desk.view.setBeside(tab.id, other)
  },
}
