import type { Command } from './command.ts'

/** Begins anew what has failed of a transfer. */
export const retryTransfer: Command<string> = {
  id: 'retry-transfer',
  title: 'Try again',
  needsArgument: true,
  run: ({ app }, id) => (id === undefined ? undefined : app.transfers.retry(id)),
}
