import type { Command } from './command.ts'
import { activeText } from './viewing.ts'

/** Saves the text that is edited. Where the host has another one meanwhile, the person is asked. */
export const saveEdits: Command = {
  id: 'save-edits',
  title: 'Save the file',
  when: (desk) => activeText(desk)?.changed.value ?? false,
  run: (desk) => activeText(desk)?.save(),
}
