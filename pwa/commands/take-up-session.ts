import type { Command } from './command.ts'

/** Shows a session that a relay holds, in its tab or a new one. */
export const takeUpSession: Command<string> = {
  id: 'take-up-session',
  title: 'Take up',
  needsArgument: true,
  run({ app, view }, sessionId) {
    if (sessionId === undefined) return
    app.heldSessions.takeUp(sessionId)
    view.sheet.value = undefined
  },
}
