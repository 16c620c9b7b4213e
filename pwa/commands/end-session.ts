import type { Command } from './command.ts'

/** Ends a session that a relay holds, whoever has it. */
export const endSession: Command<{ endpointId: string; sessionId: string }> = {
  id: 'end-session',
  title: 'End session',
  needsArgument: true,
  run: ({ app }, which) => which && app.heldSessions.end(which.endpointId, which.sessionId),
}
