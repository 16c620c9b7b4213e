import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Shows or hides the files of the active tab beside its terminal. */
export const toggleFiles: Command = {
  id: 'toggle-files',
  title: (desk) => (activeTab(desk)?.record.value.view.files ? 'Hide files' : 'Show files'),
  keys: ['Mod+E'],
  when: (desk) => activeTab(desk) !== undefined,
  run(desk) {
    const tab = activeTab(desk)
    if (!tab) return
    const { files } = tab.record.peek().view
    desk.app.tabs.change(tab.id, { files: !files, terminal: true })
    desk.view.front.value = files ? 'terminal' : 'files'
    if (files) tab.session.screen.peek()?.focus()
  },
}
