import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Opens a directory by its path; without one, lets it be typed. */
export const openPath: Command<string> = {
  id: 'open-path',
  title: 'Go to path',
  keys: ['Mod+G'],
  appleKeys: ['Meta+Shift+G'],
  when: (desk) => activeFiles(desk) !== undefined,
  run(desk, path) {
    const files = activeFiles(desk)
    if (path !== undefined) return files?.directory.open(path)
    desk.view.front.value = 'files'
    desk.view.typingPath.value = files?.tab.id
    return undefined
  },
}
