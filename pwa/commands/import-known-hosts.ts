import type { Command } from './command.ts'

/** Shows where a `known_hosts` file can be read in. */
export const importKnownHosts: Command = {
  id: 'import-known-hosts',
  title: 'Import known hosts',
  run({ view }) {
    view.sheet.value = { kind: 'known-hosts', read: true }
  },
}
