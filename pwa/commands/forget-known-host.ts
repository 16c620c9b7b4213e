import type { Command } from './command.ts'

/** Forgets the keys of a known host, which is asked about again when it is next reached. */
export const forgetKnownHost: Command<string> = {
  id: 'forget-known-host',
  title: 'Forget known host',
  needsArgument: true,
  async run({ app }, id) {
    if (id !== undefined) await app.knownHosts.forget(id)
  },
}
