import type { Command } from './command.ts'

/** Ends a transfer and takes back the part of a file that has come so far. */
export const cancelTransfer: Command<string> = {
  id: 'cancel-transfer',
  title: 'Cancel',
  needsArgument: true,
  run: ({ app }, id) => (id === undefined ? undefined : app.transfers.cancel(id)),
}
