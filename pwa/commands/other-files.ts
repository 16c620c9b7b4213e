import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Gives the keys to the other of two lists of files. */
export const otherFiles: Command = {
  id: 'other-files',
  title: 'Go to the other files',
  keys: ['F6'],
  keysIn: 'files',
  when: (desk) => desk.view.beside.value !== undefined,
  run(desk) {
    const { view } = desk
    const own = `files-${activeTab(desk)?.id}`
    const id = view.filesSide.peek() === 'own' ? `beside-files-${view.beside.peek()}` : own
    document.querySelector<HTMLElement>(`#${CSS.escape(id)} .file-grid`)?.focus()
  },
}
