import type { Command } from './command.ts'
import { activeViewer } from './viewing.ts'

/** Goes to a line of the text that is looked at. */
export const goToLine: Command = {
  id: 'go-to-line',
  title: 'Go to a line of the file',
  when: (desk) => activeViewer(desk)?.editor.value !== undefined,
  run: (desk) => activeViewer(desk)?.editor.peek()?.goToLine(),
}
