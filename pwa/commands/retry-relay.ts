import type { Command } from './command.ts'

/** Tries to reach a relay now. */
export const retryRelay: Command<string> = {
  id: 'retry-relay',
  title: 'Try the relay now',
  needsArgument: true,
  run({ app }, id) {
    if (id !== undefined) app.endpoints.view(id)?.link.retry()
  },
}
