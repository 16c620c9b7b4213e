import type { Command } from './command.ts'

/** Shows the hosts whose keys were accepted. */
export const showKnownHosts: Command = {
  id: 'show-known-hosts',
  title: 'Known hosts',
  run({ view }) {
    view.sheet.value = { kind: 'known-hosts' }
  },
}
