import type { Command } from './command.ts'

/** A passkey does not open the vault any more. */
export const removePasskey: Command<string> = {
  id: 'remove-passkey',
  title: 'Remove passkey',
  needsArgument: true,
  run: ({ app }, id) => (id === undefined ? undefined : app.vault.removePasskey(id)),
}
