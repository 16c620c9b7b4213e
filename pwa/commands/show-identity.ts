import type { Command } from './command.ts'

/** Shows one key or password, with what can be done with it. */
export const showIdentity: Command<string> = {
  id: 'show-identity',
  title: 'Show identity',
  needsArgument: true,
  run({ app, view }, identityId) {
    if (identityId !== undefined && app.identities.get(identityId)) view.sheet.value = { kind: 'identity', identityId }
  },
}
