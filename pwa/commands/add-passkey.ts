import { passkeysHere } from '../model/passkey.ts'
import type { Command } from './command.ts'

/** Lets a passkey open the vault as well. */
export const addPasskey: Command = {
  id: 'add-passkey',
  title: 'Add a passkey to the vault',
  when: ({ app }) => app.vault.state.value !== 'none' && passkeysHere(),
  run({ view }) {
    view.sheet.value = { kind: 'vault-passphrase', purpose: 'passkey' }
  },
}
