import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Shows what lies in the trash of the host. */
export const openTrash: Command = {
  id: 'open-trash',
  title: 'Show the trash of the host',
  when: (desk) => activeFiles(desk) !== undefined,
  async run(desk) {
    const { tab, directory } = activeFiles(desk) ?? {}
    if (!tab || !directory) return
    const [{ trashOf }, { isThere }] = await Promise.all([import('./trashing.ts'), import('../model/files/lstat.ts')])
    const { files } = await trashOf(tab)
    if (await isThere(tab.sftp, files)) await directory.open(files)
    else desk.view.say('Nothing has been moved to a trash there yet')
  },
}
