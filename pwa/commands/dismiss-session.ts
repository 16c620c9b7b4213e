import type { Command } from './command.ts'

/** Forgets a session that ended while its tab was put away, and what it showed last. */
export const dismissSession: Command<string> = {
  id: 'dismiss-session',
  title: 'Dismiss',
  needsArgument: true,
  run: ({ app }, sessionId) => (sessionId === undefined ? undefined : app.heldSessions.dismiss(sessionId)),
}
