import type { Command } from './command.ts'

/** Shows everything that can be set. */
export const openSettings: Command = {
  id: 'open-settings',
  title: 'Settings',
  keys: ['Mod+,'],
  run({ view }) {
    view.sheet.value = { kind: 'settings' }
  },
}
