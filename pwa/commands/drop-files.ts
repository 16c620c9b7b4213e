import { carryFiles } from './carryFiles.ts'
import type { Command } from './command.ts'

/** Rows of a list that were dragged onto a directory. */
export interface Drop {
  from: string
  paths: readonly string[]
  to: string
  directory: string
  how: 'copy' | 'move'
}

/** Copies or moves what was dragged from one list to where it was dropped. */
export const dropFiles: Command<Drop> = {
  id: 'drop-files',
  title: 'Drop files',
  needsArgument: true,
  async run(desk, drop) {
    const from = desk.app.tabs.get(drop?.from)
    const to = desk.app.tabs.get(drop?.to)
    if (!drop || !from || !to) return
    const paths = new Set(drop.paths)
    const files = desk.view
      .directory(from)
      .visible.peek()
      .filter((file) => paths.has(file.path))
    await carryFiles(desk, from, files, to, drop.directory, drop.how)
  },
}
