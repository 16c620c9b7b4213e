/** Replies that a terminal gives to a server's queries in one second, at most. */
const PER_SECOND = 100

/** Counts replies, so that a server cannot make a terminal type without end (CHECKS T-ESC-03). */
export class ReplyLimit {
  readonly #now: () => number
  #since = 0
  #count = 0

  /** @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Whether one more may be given. */
  take(): boolean {
    const now = this.#now()
    if (now - this.#since >= 1000) {
      this.#since = now
      this.#count = 0
    }
    return ++this.#count <= PER_SECOND
  }
}
