import type { ServerMessage } from '../../shared/protocol.ts'
import type { AppFailure } from './failure.ts'

/** Why a session is over. `lost`: the relay does not have it any more. */
export interface Ended {
  reason: ServerMessage<'ssh-disconnected'>['reason'] | 'lost'
  /** A whole sentence. */
  message: string
  exitCode?: number | undefined
  signal?: string | undefined
}

/** The relay's word for the end of a session, in a person's; pure. */
export function explainEnd(over: ServerMessage<'ssh-disconnected'>, failure: AppFailure | undefined): Ended {
  const { reason, exitCode, signal: by } = over
  const because = {
    exit: by
      ? `The session was ended by signal ${by}.`
      : exitCode
        ? `The session has ended with exit code ${exitCode}.`
        : 'The session has ended.',
    closed: 'The session was ended.',
    failure: failure?.message ?? 'The session has ended by a failure.',
    expired: 'The relay ended the session because nobody had come back to it for too long.',
    draining: 'The relay was shut down, so the session has ended.',
  }
  return { reason, message: because[reason], exitCode, signal: by }
}
