import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { activeViewer, showFile } from './viewing.ts'

/** Reads the file that is looked at again. */
export const reloadFile: Command = {
  id: 'reload-file',
  title: 'Read the file again',
  when: (desk) => activeViewer(desk) !== undefined,
  run(desk) {
    const [viewer, tab] = [activeViewer(desk), activeFiles(desk)?.tab]
    return viewer && tab && showFile(desk, { tabId: tab.id, file: viewer.file }, { edit: viewer.editing.peek() })
  },
}
