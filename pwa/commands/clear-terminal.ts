import { activeScreen } from './activeTab.ts'
import type { Command } from './command.ts'

/** Drops what stands above the current line. */
export const clearTerminal: Command = {
  id: 'clear-terminal',
  title: 'Clear the terminal',
  keys: ['Mod+L'],
  appleKeys: ['Meta+Shift+L'],
  when: (desk) => activeScreen(desk) !== undefined,
  run: (desk) => activeScreen(desk)?.clear(),
}
