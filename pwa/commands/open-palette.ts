import type { Command } from './command.ts'

/** Finds commands, hosts and tabs by what is typed. */
export const openPalette: Command = {
  id: 'open-palette',
  title: 'Search or run a command',
  keys: ['Mod+P', 'Mod+K'],
  appleKeys: ['Meta+K', 'Meta+Shift+P'],
  run({ view }) {
    view.sheet.value = { kind: 'palette' }
  },
}
