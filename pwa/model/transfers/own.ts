import type { AppFailure } from '../failure.ts'
import type { Release } from './holding.ts'
import type { OwnTransfer } from './ownTransfer.ts'
import type { Going } from './views.ts'

/** A transfer that this window has. */
export interface Own {
  transfer: OwnTransfer
  release: Release
  state: Going
  run: AbortController | undefined
  /** Settles when the run has ended. */
  ended: Promise<void>
  failure: AppFailure | undefined
  /** Tries in a row that came to nothing, and before when there is none. */
  tries: number
  notBefore: number
  /** Something is being done to it: it is not let go of. */
  busy: number
  unwatch(): void
}

/** Whether this window need not have it: it is over, or waits for files that any window can be given. */
export function isIdle({ busy, run, transfer: { record, hasSources } }: Own): boolean {
  if (busy > 0 || run) return false
  if (record.state === 'done') return true
  if (record.state === 'cancelled') return !record.leftovers?.length
  return record.state === 'needs-file' && !hasSources
}
