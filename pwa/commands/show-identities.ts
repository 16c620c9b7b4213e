import type { Command } from './command.ts'

/** Shows the keys and passwords that are kept in this browser. */
export const showIdentities: Command = {
  id: 'show-identities',
  title: 'Keys and passwords',
  run({ view }) {
    view.sheet.value = { kind: 'identities' }
  },
}
