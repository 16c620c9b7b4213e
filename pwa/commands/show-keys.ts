import type { Command } from './command.ts'

/** Shows every shortcut. */
export const showKeys: Command = {
  id: 'show-keys',
  title: 'Keys',
  keys: ['Mod+/'],
  run({ view }) {
    view.sheet.value = { kind: 'keys' }
  },
}
