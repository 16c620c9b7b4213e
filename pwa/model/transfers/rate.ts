/** Milliseconds over which the rate is an average. */
const SPAN = 5_000

/** How fast bytes come: a moving average over five seconds. Times are of the steady clock, in milliseconds. */
export class Rate {
  readonly #samples: { at: number; bytes: number }[] = []

  /** So many bytes have come in all. */
  add(bytes: number, at: number): void {
    const last = this.#samples.at(-1)
    // A sample for every tenth of a second is enough.
    if (last && at - last.at < SPAN / 50 && this.#samples.length > 1) last.bytes = bytes
    else this.#samples.push({ at, bytes })
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) > SPAN) this.#samples.shift()
  }

  /** Bytes a second; 0 before there is anything to tell, and after five seconds without a byte. */
  value(at: number): number {
    const [first] = this.#samples
    const last = this.#samples.at(-1)
    if (!first || !last || last === first || at - last.at > SPAN) return 0
    return Math.max(0, (last.bytes - first.bytes) / Math.max(0.1, (at - first.at) / 1000))
  }

  /** It begins anew: after a pause. */
  reset(): void {
    this.#samples.length = 0
  }
}
