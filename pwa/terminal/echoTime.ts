/** Milliseconds of a round trip above which a line counts as slow, and below which it does so no more. */
const threshold = { slow: 60, fast: 30 }
/** Echoes of which the quickest counts: one that a busy host held up says nothing of the line. */
const RECENT = 5

/**
 * How long a key takes to the host and back: the echoes themselves say it, since a host may be far behind a near relay, and
 * until there are some, what was measured to the relay.
 */
export class EchoTime {
  readonly #link: () => number | undefined
  #echoes: number[] = []
  #slow = false

  /** @param link gives the round trip to the relay in milliseconds, as far as it is known */
  constructor(link: () => number | undefined) {
    this.#link = link
  }

  /** Milliseconds that an echo takes; 0 where nothing is known. */
  get roundTrip(): number {
    return this.#echoes.length > 0 ? Math.min(...this.#echoes) : (this.#link() ?? 0)
  }

  /** Whether a person waits for what they type. */
  get slow(): boolean {
    const roundTrip = Math.max(this.roundTrip, this.#link() ?? 0)
    this.#slow = roundTrip > threshold.slow || (this.#slow && roundTrip >= threshold.fast)
    return this.#slow
  }

  /** An echo took so many milliseconds. */
  measured(ms: number): void {
    this.#echoes = [...this.#echoes.slice(1 - RECENT), ms]
  }
}
