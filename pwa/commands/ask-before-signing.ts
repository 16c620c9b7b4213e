import type { Command } from './command.ts'

/** Sets whether the person is asked before each signature of a key. */
export const askBeforeSigning: Command<{ id: string; consent: boolean }> = {
  id: 'ask-before-signing',
  title: 'Ask before signing',
  needsArgument: true,
  async run({ app }, to) {
    if (to) await app.identities.setConsent(to.id, to.consent)
  },
}
