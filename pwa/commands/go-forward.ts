import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Opens the directory that was left by going back. */
export const goForward: Command = {
  id: 'go-forward',
  title: 'Go forward to the next folder',
  keys: ['Alt+ArrowRight'],
  appleKeys: ['Meta+]'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk)?.directory.canForward ?? false,
  run: (desk) => activeFiles(desk)?.directory.forward(),
}
