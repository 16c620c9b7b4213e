import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Shows or hides the files whose names begin with a dot, in all tabs. */
export const toggleHiddenFiles: Command = {
  id: 'toggle-hidden-files',
  title: ({ app }) => (app.settings.value.value.hiddenFiles ? 'Leave out hidden files' : 'Show hidden files'),
  keys: ['Mod+H'],
  appleKeys: ['Meta+Shift+.'],
  when: (desk) => activeFiles(desk) !== undefined,
  run: ({ app }) => app.settings.set({ hiddenFiles: !app.settings.value.peek().hiddenFiles }),
}
