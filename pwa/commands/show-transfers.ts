import type { Command } from './command.ts'

/** Opens the drawer of transfers, or closes it. */
export const showTransfers: Command = {
  id: 'show-transfers',
  title: ({ view }) => (view.transfers.value ? 'Hide the transfers' : 'Show the transfers'),
  run({ view }) {
    view.transfers.value = !view.transfers.peek()
  },
}
