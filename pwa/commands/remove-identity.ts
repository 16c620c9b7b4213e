import type { Command } from './command.ts'

/** Removes a key or password from this browser for good. */
export const removeIdentity: Command<string> = {
  id: 'remove-identity',
  title: 'Remove identity',
  needsArgument: true,
  async run({ app, view }, id) {
    const identity = app.identities.get(id)
    if (!identity) return
    await app.identities.remove(identity.id)
    view.say(`Removed ${identity.label}`)
    view.sheet.value = { kind: 'identities' }
  },
}
