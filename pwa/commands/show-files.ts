import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Brings the files of the active tab to the front. */
export const showFiles: Command = {
  id: 'show-files',
  title: 'Go to the files',
  when: (desk) => activeTab(desk) !== undefined,
  run(desk) {
    const tab = activeTab(desk)
    if (!tab) return
    desk.view.front.value = 'files'
    desk.app.tabs.change(tab.id, { files: true })
    document.querySelector<HTMLElement>(`#files-${tab.id} .file-grid`)?.focus()
  },
}
