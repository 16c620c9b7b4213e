import { activeScreen } from './activeTab.ts'
import type { Command } from './command.ts'

/** Selects everything in the terminal. */
export const selectAll: Command = {
  id: 'select-all',
  title: 'Select all',
  keys: ['Mod+A'],
  keysIn: 'terminal',
  when: (desk) => activeScreen(desk) !== undefined,
  run: (desk) => activeScreen(desk)?.selectAll(),
}
