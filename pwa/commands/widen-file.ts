import type { Command } from './command.ts'
import { activeViewer } from './viewing.ts'

/** Gives the file that is looked at the whole room of its tab, or only that of the list. */
export const widenFile: Command = {
  id: 'widen-file',
  title: ({ view }) => (view.wideFile.value ? 'Show the file beside the terminal' : 'Give the file the whole room'),
  when: (desk) => activeViewer(desk) !== undefined,
  run({ view }) {
    view.wideFile.value = !view.wideFile.peek()
  },
}
