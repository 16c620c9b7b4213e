import type { Transfer } from '../../store/schema.ts'

/** Milliseconds for which those that are over are kept. */
const KEPT = 7 * 24 * 60 * 60 * 1000

/** Whether a transfer has been over for so long that it goes from the list; pure. */
export function isExpired({ finishedAt }: Pick<Transfer, 'finishedAt'>, now: number): boolean {
  return finishedAt !== undefined && finishedAt < now - KEPT
}
