import type { Command } from './command.ts'
import { activeViewer, step } from './viewing.ts'

/** Shows the file before the one that is shown. */
export const previousFile: Command = {
  id: 'previous-file',
  title: 'Previous file',
  when: (desk) => activeViewer(desk) !== undefined,
  run: (desk) => step(desk, -1),
}
