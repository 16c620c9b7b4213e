import type { Command } from './command.ts'

/** Shows the relays that this browser knows, or begins to add one. */
export const openRelays: Command<{ add: boolean }> = {
  id: 'open-relays',
  title: 'Manage relays',
  run({ view }, how) {
    view.sheet.value = { kind: 'relays', add: how?.add ?? false }
  },
}
