import type { Command } from './command.ts'

/** Makes a new recovery code, which ends the one before. */
export const renewRecoveryCode: Command = {
  id: 'renew-recovery-code',
  title: 'New recovery code for the vault',
  when: ({ app }) => app.vault.state.value !== 'none',
  run({ view }) {
    view.sheet.value = { kind: 'vault-passphrase', purpose: 'recovery' }
  },
}
