import { type Phase, Refusal } from '../../shared/failure.ts'
import type { Ended, Step } from '../../shared/protocol.ts'
import { StoreFailure } from '../store/storeFailure.ts'

/** What went wrong and what can be done, as one component shows it. A relay's failure fits it. */
export interface AppFailure {
  /** A whole sentence without a secret. */
  message: string
  remedy: string
  /** Whether the same may succeed later, unchanged. */
  retry: boolean
  /** One of `shared/failure.ts`, of the store's, or of those below. */
  code: string
  phase?: Phase | undefined
  /** The parts of the way that were passed before. */
  steps?: readonly Step[] | undefined
  /** How the session ended that was to be taken up. */
  ended?: Ended | undefined
}

const local = {
  'relay-unreachable': {
    message: 'The relay does not answer',
    remedy: 'Check that it runs and that this device is online.',
    retry: true,
    phase: 'relay',
  },
  'relay-refused': {
    message: 'The relay does not let this page in',
    remedy: 'Start it with --allow-origin and the address of this page.',
    retry: false,
    phase: 'relay',
  },
  'relay-lost': {
    message: 'The relay was lost before it answered',
    remedy: 'Try again when it is back.',
    retry: true,
    phase: 'relay',
  },
  'relay-forgotten': {
    message: 'The relay of this tab is not known any more',
    remedy: 'Add it again, or open the host through another.',
    retry: false,
    phase: 'relay',
  },
  'not-a-relay': {
    message: 'What answers there is no relay',
    remedy: 'Check the address and the port.',
    retry: false,
    phase: 'relay',
  },
  'other-protocol': {
    message: 'The relay speaks another version of the protocol',
    remedy: 'Update the relay, or reload this app.',
    retry: false,
    phase: 'relay',
  },
  'not-permitted': {
    message: 'The browser was not given permission to reach the relay',
    remedy: 'Try again and allow it.',
    retry: true,
    phase: 'relay',
  },
  'bad-address': {
    message: 'This is not the address of a relay',
    remedy: 'It looks like https://relay.example or 127.0.0.1:8022.',
    retry: false,
    phase: 'relay',
  },
  'no-endpoint': {
    message: 'There is no relay to connect through',
    remedy: 'Add a relay first.',
    retry: false,
    phase: 'relay',
  },
  'not-named': {
    message: 'Not connected: there is no user name',
    remedy: 'Try again and give one.',
    retry: true,
    phase: 'login',
  },
  'no-key': {
    message: 'A session over plain http cannot be taken up again',
    remedy: 'Connect again.',
    retry: false,
    phase: 'relay',
  },
  'input-waits': {
    message: 'Not all that was typed has reached the program',
    remedy: 'Wait until it has.',
    retry: true,
    phase: 'relay',
  },
  'not-held': {
    message: 'This browser does not have the key of the session',
    remedy: 'Use “Continue on another device” where it is open.',
    retry: false,
    phase: 'relay',
  },
  'hand-off-over': {
    message: 'The link has been used, or is older than five minutes',
    remedy: 'Make a new one on the device that has the session.',
    retry: false,
    phase: 'relay',
  },
  'session-over': {
    message: 'The session has ended',
    remedy: 'Connect again.',
    retry: false,
    phase: 'relay',
  },
  'attach-locked': {
    message: 'Somebody has tried to take up your session with wrong keys',
    remedy: 'It stays where it is; for a minute nobody can take it up.',
    retry: true,
    phase: 'relay',
  },
  'input-full': {
    message: 'That is more than can wait for the program',
    remedy: 'Nothing of it was sent. Paste it in parts, at most 16 MiB at a time.',
    retry: false,
    phase: 'shell',
  },
  unexpected: {
    message: 'Something went wrong that should not',
    remedy: 'Reload the app. If it happens again, please report it.',
    retry: true,
  },
} as const satisfies Record<string, Omit<AppFailure, 'code'>>

/** The only thing that the model's promises reject with. */
export class Failed extends Error {
  override readonly name = 'Failed'
  readonly failure: AppFailure

  constructor(failure: AppFailure | keyof typeof local, cause?: unknown) {
    const whole: AppFailure = typeof failure === 'string' ? { ...local[failure], code: failure } : failure
    super(whole.message, { cause })
    this.failure = whole
  }
}

/** Whatever was caught, in words for the person. */
export function failureOf(error: unknown): AppFailure {
  if (error instanceof Failed) return error.failure
  if (error instanceof Refusal) return error.toFailure()
  if (error instanceof StoreFailure) {
    return { message: error.message, remedy: error.remedy, retry: false, code: error.code }
  }
  return { ...local.unexpected, code: 'unexpected' }
}
