import type { Command } from './command.ts'

/** Removes a relay from this browser. */
export const forgetRelay: Command<string> = {
  id: 'forget-relay',
  title: 'Forget relay',
  needsArgument: true,
  run: ({ app }, id) => (id === undefined ? undefined : app.endpoints.forget(id)),
}
