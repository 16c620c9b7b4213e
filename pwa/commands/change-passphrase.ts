import type { Command } from './command.ts'

/** Gives the vault another passphrase. */
export const changePassphrase: Command = {
  id: 'change-passphrase',
  title: 'Change the passphrase of the vault',
  when: ({ app }) => app.vault.state.value !== 'none',
  run({ view }) {
    view.sheet.value = { kind: 'vault-passphrase', purpose: 'change' }
  },
}
