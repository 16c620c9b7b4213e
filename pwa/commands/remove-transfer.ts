import type { Command } from './command.ts'

/** Takes a finished transfer off the list. */
export const removeTransfer: Command<string> = {
  id: 'remove-transfer',
  title: 'Clear',
  needsArgument: true,
  run: ({ app }, id) => (id === undefined ? undefined : app.transfers.remove(id)),
}
