import type { Command } from './command.ts'
import { activeViewer, step } from './viewing.ts'

/** Shows the file after the one that is shown. */
export const nextFile: Command = {
  id: 'next-file',
  title: 'Next file',
  when: (desk) => activeViewer(desk) !== undefined,
  run: (desk) => step(desk, 1),
}
