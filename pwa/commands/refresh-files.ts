import { activeFiles } from './activeTab.ts'
import type { Command } from './command.ts'

/** Reads the directory again. */
export const refreshFiles: Command = {
  id: 'refresh-files',
  title: 'Refresh files',
  when: (desk) => activeFiles(desk) !== undefined,
  run: (desk) => activeFiles(desk)?.refresh(),
}
