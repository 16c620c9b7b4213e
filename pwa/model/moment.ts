/** A point in time by both clocks of the device: `steady` is moved by nobody, `wall` goes on while the device sleeps. */
export interface Moment {
  readonly steady: number
  readonly wall: number
}

export function thisMoment(): Moment {
  return { steady: performance.now(), wall: Date.now() }
}

/**
 * Milliseconds between two moments, by the clock that says more: a sleep is counted, and a step of the wall clock can only
 * make it more. For what is safe to be taken as older than it is.
 */
export function ageOf(since: Moment, now: Moment): number {
  return Math.max(0, now.steady - since.steady, now.wall - since.wall)
}
