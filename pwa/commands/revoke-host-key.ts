import type { Command } from './command.ts'

/** Makes a host key unacceptable, whichever host shows it. */
export const revokeHostKey: Command<{ type: string; key: string }> = {
  id: 'revoke-host-key',
  title: 'Revoke host key',
  needsArgument: true,
  async run({ app, view }, of) {
    if (!of) return
    await app.knownHosts.revoke(of.type, of.key)
    view.say('The key is revoked: nothing is sent to a host that shows it')
  },
}
