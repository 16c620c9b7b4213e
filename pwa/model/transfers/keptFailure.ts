import type { Transfer } from '../../store/schema.ts'
import { type AppFailure, failureOf } from '../failure.ts'

/** A failure as it is kept. */
export function keptFailure(error: Error | AppFailure): NonNullable<Transfer['failure']> {
  const { message, remedy, retry, code } = error instanceof Error ? failureOf(error) : error
  return { message, remedy, retry, code }
}
