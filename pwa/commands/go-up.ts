import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Opens the directory above. */
export const goUp: Command = {
  id: 'go-up',
  title: 'Go up a folder',
  keys: ['Alt+ArrowUp'],
  appleKeys: ['Meta+ArrowUp'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk) !== undefined,
  run: (desk) => activeFiles(desk)?.directory.up(),
}
