import type { Command } from './command.ts'

/** Makes the vault of this browser. */
export const setUpVault: Command = {
  id: 'set-up-vault',
  title: 'Set up a vault',
  when: ({ app }) => app.secure && app.vault.state.value === 'none',
  run({ view }) {
    view.sheet.value = { kind: 'set-up-vault' }
  },
}
