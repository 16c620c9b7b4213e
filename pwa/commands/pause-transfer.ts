import type { Command } from './command.ts'

/** Stops a transfer where it is; it can go on from there. */
export const pauseTransfer: Command<string> = {
  id: 'pause-transfer',
  title: 'Pause',
  needsArgument: true,
  run: ({ app }, id) => (id === undefined ? undefined : app.transfers.pause(id)),
}
