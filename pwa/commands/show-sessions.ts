import type { Command } from './command.ts'

/** Shows what the relays hold for this login, to take it up or to end it. */
export const showSessions: Command = {
  id: 'show-sessions',
  title: 'Sessions on the relay',
  run({ view }) {
    view.sheet.value = { kind: 'sessions' }
  },
}
