import type { Command } from './command.ts'

/** Forgets one key of a known host. */
export const forgetKnownKey: Command<{ id: string; key: string }> = {
  id: 'forget-known-key',
  title: 'Forget known key',
  needsArgument: true,
  async run({ app }, of) {
    if (of) await app.knownHosts.forget(of.id, of.key)
  },
}
