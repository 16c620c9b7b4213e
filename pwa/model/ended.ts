import type { ServerMessage } from '../../shared/protocol.ts'
import type { AppFailure } from './failure.ts'

type Over = Omit<ServerMessage<'ssh-disconnected'>, 'sessionId'>

/** Why a session is over. `lost`: the relay does not have it any more. */
export interface Ended {
  reason: Over['reason'] | 'lost'
  /** A whole sentence. */
  message: string
  exitCode?: number | undefined
  signal?: string | undefined
}

/**
 * The relay's word for the end of a session, in a person's; pure.
 * @param away whether it ended while this window did not have it
 */
export function explainEnd(over: Over, failure: Pick<AppFailure, 'message'> | undefined, away?: 'away'): Ended {
  const { reason, exitCode, signal: by } = over
  const when = away ? ' while you were away' : ''
  const because = {
    exit: by
      ? `The session was ended by signal ${by}${when}.`
      : exitCode
        ? `The session has ended with exit code ${exitCode}${when}.`
        : `The session has ended${when}.`,
    closed: `The session was ended${when}.`,
    failure: failure?.message ?? 'The session has ended by a failure.',
    expired: 'The relay ended the session because nobody had come back to it for too long.',
    evicted: 'The relay ended the session to make room: nobody had come back to it for longest.',
    draining: 'The relay was shut down, so the session has ended.',
  }
  return { reason, message: because[reason], exitCode, signal: by }
}
