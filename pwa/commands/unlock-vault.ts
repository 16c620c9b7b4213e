import type { Command } from './command.ts'

/** Asks for what opens the vault. */
export const unlockVault: Command = {
  id: 'unlock-vault',
  title: 'Unlock the vault',
  when: ({ app }) => app.vault.state.value === 'locked',
  run: ({ app }) => app.vault.ask(),
}
