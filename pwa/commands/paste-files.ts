import { activeFiles } from './activeFiles.ts'
import { carryFiles } from './carryFiles.ts'
import type { Command } from './command.ts'

/** Copies or moves the files that were copied or cut into the directory that is shown. */
export const pasteFiles: Command = {
  id: 'paste-files',
  title: (desk) =>
    desk.view.fileClipboard.value?.how === 'move' ? 'Move the cut files here' : 'Paste the copied files',
  keys: ['Ctrl+V'],
  appleKeys: ['Meta+V'],
  keysIn: 'files',
  when: (desk) =>
    activeFiles(desk) !== undefined && desk.app.tabs.get(desk.view.fileClipboard.value?.tabId) !== undefined,
  async run(desk) {
    const held = desk.view.fileClipboard.peek()
    const from = desk.app.tabs.get(held?.tabId)
    const to = activeFiles(desk)
    if (!held || !from || !to) return
    // Moved once: what is pasted again meanwhile is not there any more.
    if (held.how === 'move') desk.view.fileClipboard.value = undefined
    try {
      await carryFiles(desk, from, held.files, to.tab, to.directory.path.peek(), held.how)
    } catch (error) {
      desk.view.fileClipboard.value ??= held
      throw error
    }
  },
}
