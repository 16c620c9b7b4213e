import { activeFiles } from './activeTab.ts'
import type { Command } from './command.ts'

/** Opens the directory that a link leads to; where it leads to something else, that is said. */
export const followLink: Command<string> = {
  id: 'follow-link',
  title: 'Follow link',
  needsArgument: true,
  run: (desk, path) => (path === undefined ? undefined : activeFiles(desk)?.follow(path)),
}
