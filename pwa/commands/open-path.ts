import { activeFiles, activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Opens a directory by its path; without one, lets it be typed. */
export const openPath: Command<string> = {
  id: 'open-path',
  title: 'Go to path',
  keys: ['Mod+G'],
  appleKeys: ['Meta+Shift+G'],
  when: (desk) => activeFiles(desk) !== undefined,
  run(desk, path) {
    if (path !== undefined) return activeFiles(desk)?.open(path)
    desk.view.typingPath.value = activeTab(desk)?.id
    return undefined
  },
}
