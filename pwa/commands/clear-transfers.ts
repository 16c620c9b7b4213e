import type { Command } from './command.ts'

/** Takes the finished transfers off the list. */
export const clearTransfers: Command = {
  id: 'clear-transfers',
  title: 'Clear finished transfers',
  when: ({ app }) => app.transfers.items.value.some(({ state }) => /^(done|cancelled)$/.test(state)),
  run: ({ app }) => app.transfers.clearFinished(),
}
