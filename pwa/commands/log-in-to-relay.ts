import type { Command } from './command.ts'

/** Asks for the password of a relay, or sets its first one. */
export const logInToRelay: Command<string> = {
  id: 'log-in-to-relay',
  title: 'Log in to the relay',
  when: ({ app }) => app.endpoints.list.value.some(({ link }) => link.state.value === 'login-required'),
  run({ app, view }, id = app.endpoints.list.peek().find(({ link }) => link.state.peek() === 'login-required')?.id) {
    if (id !== undefined) view.sheet.value = { kind: 'relay-login', endpointId: id }
  },
}
