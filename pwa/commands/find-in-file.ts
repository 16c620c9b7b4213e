import type { Command } from './command.ts'
import { activeViewer } from './viewing.ts'

/** Searches the text that is looked at, as far as it is loaded. */
export const findInFile: Command = {
  id: 'find-in-file',
  title: 'Find in the file',
  when: (desk) => activeViewer(desk)?.editor.value !== undefined,
  run: (desk) => activeViewer(desk)?.editor.peek()?.find(),
}
