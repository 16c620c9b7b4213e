/** Milliseconds: the longest wait after the first failure, and after many. */
const bound = { first: 250, most: 5_000 }

/**
 * Milliseconds before the next try after so many that failed: none at first, since the socket may be all that was lost, then
 * a random part of a bound that doubles ("full jitter"), so that the clients of a relay that restarts do not come all at once.
 * Pure.
 * @param chance from 0 to 1
 */
export function retryWait(failed: number, chance: number): number {
  if (failed === 0) return 0
  return Math.round(chance * Math.min(bound.most, bound.first * 2 ** Math.min(failed, 10)))
}
