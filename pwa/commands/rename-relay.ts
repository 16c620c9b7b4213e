import type { Command } from './command.ts'

/** Gives a relay a name. */
export const renameRelay: Command<{ id: string; label: string }> = {
  id: 'rename-relay',
  title: 'Rename relay',
  needsArgument: true,
  run: ({ app }, to) => (to ? app.endpoints.rename(to.id, to.label) : undefined),
}
