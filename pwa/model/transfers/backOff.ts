import type { FailureCode } from '../../../shared/failure.ts'
import { failureOf } from '../failure.ts'

/** Milliseconds: the first wait, and the longest. */
const bound = { first: 1_000, most: 60_000 } as const

/** Milliseconds before the next try after so many in a row that came to nothing; pure. */
export function backOff(failed: number): number {
  return Math.min(bound.most, bound.first * 2 ** Math.min(failed, 10))
}

/** The way to the host was lost, or the session on it: the next try may find another. */
const lost: ReadonlySet<string> = new Set<
  FailureCode | 'relay-lost' | 'relay-unreachable' | 'session-over' | 'root-ended'
>([
  'relay-lost',
  'relay-unreachable',
  'session-over',
  'root-ended',
  'no-session',
  'session-state',
  'no-handle',
  'server-disconnected',
  'draining',
])
/** The relay or the host cannot do it just now. What a person has refused to answer is not among them: nobody asks again. */
const busy: ReadonlySet<string> = new Set<FailureCode>([
  'internal',
  'too-many-requests',
  'too-many-sessions',
  'too-many-handles',
  'not-recorded',
  'no-ssh-server',
  'name-not-found',
  'bad-reply',
])

/** Whether what went wrong may pass by itself, and is not about this one file. */
export function passes(error: unknown): boolean {
  const { code } = failureOf(error)
  return lost.has(code) || busy.has(code)
}

/** Whether the way to the host was lost. */
export function isLost(error: unknown): boolean {
  return lost.has(failureOf(error).code)
}
