import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { showsTrash } from './showsTrash.ts'

/** Moves what is chosen in the trash to where it was before it was deleted. */
export const putBack: Command = {
  id: 'put-back',
  title: 'Put back where it was',
  when: (desk) => showsTrash(desk) && Boolean(activeFiles(desk)?.chosen.length),
  async run(desk) {
    const { tab, chosen: files = [] } = activeFiles(desk) ?? {}
    if (tab) await (await import('./trashing.ts')).putBackFiles(desk, tab, files)
  },
}
