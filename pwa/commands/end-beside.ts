import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Puts away the files that stand beside; their tab stays open. */
export const endBeside: Command = {
  id: 'end-beside',
  title: 'Put away the files beside',
  when: (desk) => desk.view.beside.value !== undefined,
  run(desk) {
    const tab = activeTab(desk)
    if (tab) desk.view.setBeside(tab.id, undefined)
  },
}
