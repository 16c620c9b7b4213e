import type { Command } from './command.ts'

/** Gives a key or password another name. */
export const renameIdentity: Command<{ id: string; label: string }> = {
  id: 'rename-identity',
  title: 'Rename identity',
  needsArgument: true,
  async run({ app }, to) {
    if (to) await app.identities.rename(to.id, to.label)
  },
}
