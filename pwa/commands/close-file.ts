import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { activeViewer, hold, leave } from './viewing.ts'

/** Goes back from a file to the list. Changes that are not saved are asked about. */
export const closeFile: Command = {
  id: 'close-file',
  title: 'Close the file',
  when: (desk) => activeViewer(desk) !== undefined,
  run(desk) {
    const tab = activeFiles(desk)?.tab
    return tab && leave(desk, tab.id, () => hold(desk, tab.id, undefined))
  },
}
