import { activeFiles } from './activeTab.ts'
import type { Command } from './command.ts'

/** Opens the directory above. */
export const goUp: Command = {
  id: 'go-up',
  title: 'Go up a directory',
  when: (desk) => activeFiles(desk) !== undefined,
  run: (desk) => activeFiles(desk)?.up(),
}
