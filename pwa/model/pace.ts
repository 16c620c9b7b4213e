/** Bytes of output that may be on their way unrendered, and the steps between. */
const bound = { least: 64 * 1024, most: 512 * 1024, step: 16 * 1024 }
/** Milliseconds of rendering that may be on their way: what Ctrl-C has to wait for. */
const AHEAD_MS = 50
/** Milliseconds of rendering after which the rate is judged. */
const JUDGE_MS = 50

/** How much output to ask for: as much as the screen renders in a moment and a round trip, and no more. */
export class Pace {
  #window: number = bound.most
  #bytes = 0
  #ms = 0
  #last = 0
  #busy = false

  /** Bytes, a multiple of 16 KiB. */
  get window(): number {
    return this.#window
  }

  /**
   * So many bytes were rendered.
   * @param busy whether more waits: time in which there was nothing to render says nothing of the rate
   * @param roundTrip ms, as far as it is known
   */
  rendered(bytes: number, busy: boolean, roundTrip = 0, now = performance.now()): void {
    if (this.#busy) {
      this.#bytes += bytes
      this.#ms += now - this.#last
    }
    this.#busy = busy
    this.#last = now
    if (this.#ms < JUDGE_MS) return
    const wanted = (this.#bytes / this.#ms) * (AHEAD_MS + roundTrip)
    // Half way, so that one long frame does not halt the stream.
    const next = (this.#window + wanted) / 2
    this.#window = Math.min(bound.most, Math.max(bound.least, Math.round(next / bound.step) * bound.step))
    this.#bytes = this.#ms = 0
  }
}
