import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Opens the directory that was shown before. */
export const goBack: Command = {
  id: 'go-back',
  title: 'Go back to the last folder',
  keys: ['Alt+ArrowLeft'],
  appleKeys: ['Meta+['],
  keysIn: 'files',
  when: (desk) => activeFiles(desk)?.directory.canBack ?? false,
  run: (desk) => activeFiles(desk)?.directory.back(),
}
