import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Shows all that can be known of the chosen files, or of the directory that is shown where none is chosen. */
export const showProperties: Command = {
  id: 'show-properties',
  title: 'Properties',
  keys: ['Alt+Enter'],
  appleKeys: ['Meta+I'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk)?.directory.state.value === 'ready',
  async run(desk) {
    const { tab, directory, chosen = [] } = activeFiles(desk) ?? {}
    if (!tab || !directory) return
    const { lstat } = await import('../model/files/lstat.ts')
    const files = chosen.length > 0 ? chosen : [await lstat(tab.sftp, directory.path.peek())]
    desk.view.sheet.value = { kind: 'files', dialog: { kind: 'properties', tabId: tab.id, files } }
  },
}
