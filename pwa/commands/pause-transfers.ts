import type { Command } from './command.ts'

/** Stops all transfers where they are. */
export const pauseTransfers: Command = {
  id: 'pause-transfers',
  title: 'Pause all transfers',
  when: ({ app }) => app.transfers.items.value.some(({ state }) => /^(queued|running|waiting)$/.test(state)),
  run: ({ app }) => app.transfers.pauseAll(),
}
