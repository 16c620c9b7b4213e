import type { Command } from './command.ts'

/** Locks the vault in all windows; sessions go on. */
export const lockVault: Command = {
  id: 'lock-vault',
  title: 'Lock the vault',
  when: ({ app }) => app.vault.state.value === 'open',
  run({ app, view }) {
    app.vault.lock()
    view.say('The vault is locked')
  },
}
