import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { showsTrash } from './showsTrash.ts'

/** Moves the chosen files to the trash of the host, from where they can be had back; where there is none it asks whether to delete them for good. */
export const deleteFiles: Command = {
  id: 'delete-files',
  title: (desk) => (desk.app.settings.value.value.trash && !showsTrash(desk) ? 'Move to trash' : 'Delete files'),
  keys: ['Delete'],
  appleKeys: ['Meta+Backspace', 'Delete'],
  keysIn: 'files',
  when: (desk) => Boolean(activeFiles(desk)?.chosen.length),
  async run(desk) {
    const { tab, chosen: files = [] } = activeFiles(desk) ?? {}
    if (!tab) return
    if (desk.app.settings.value.peek().trash) await (await import('./trashing.ts')).moveToTrash(desk, tab, files)
    else await (await import('./deleting.ts')).askToDelete(desk, tab, files)
  },
}
