import type { Command } from './command.ts'

/** Asks whether the vault is to go, with what is in it. */
export const removeVault: Command = {
  id: 'remove-vault',
  title: 'Remove the vault',
  when: ({ app }) => app.vault.state.value !== 'none',
  run({ view }) {
    view.sheet.value = { kind: 'remove-vault' }
  },
}
