import type { Command } from './command.ts'
import { activeText, activeViewer } from './viewing.ts'

/** Lets the text that is looked at be edited, or no more. */
export const toggleEditing: Command = {
  id: 'toggle-editing',
  title: (desk) => (activeViewer(desk)?.editing.value ? 'Only read the file' : 'Edit the open file'),
  when: (desk) => activeText(desk)?.keeps.value ?? false,
  run(desk) {
    const viewer = activeViewer(desk)
    if (viewer) viewer.editing.value = !viewer.editing.peek()
  },
}
