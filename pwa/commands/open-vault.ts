import type { Command } from './command.ts'

/** Shows the vault: how it is opened, when it locks. */
export const openVault: Command = {
  id: 'open-vault',
  title: 'Vault',
  run({ view }) {
    view.sheet.value = { kind: 'vault' }
  },
}
