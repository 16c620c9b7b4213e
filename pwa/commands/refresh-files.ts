import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Reads the directory again. */
export const refreshFiles: Command = {
  id: 'refresh-files',
  title: 'Refresh files',
  keys: ['F5'],
  appleKeys: ['Meta+R', 'F5'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk) !== undefined,
  run: (desk) => activeFiles(desk)?.directory.refresh(),
}
