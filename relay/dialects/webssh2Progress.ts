/** Milliseconds between two words about how far a transfer is. */
const EVERY_MS = 250

/** How far one transfer is, told now and then. */
export class Progress {
  readonly #size: number
  readonly #started = performance.now()
  #told = this.#started

  /** @param size bytes of the whole file */
  constructor(size: number) {
    this.#size = size
  }

  /** What is to be said about so many bytes; undefined where something has been said a moment ago. */
  at(bytes: number): object | undefined {
    const now = performance.now()
    if (now - this.#told < EVERY_MS) return undefined
    this.#told = now
    const perSecond = (bytes * 1000) / (now - this.#started)
    return {
      bytesTransferred: bytes,
      totalBytes: this.#size,
      percentComplete: Math.round((bytes * 100) / this.#size),
      bytesPerSecond: Math.round(perSecond),
      estimatedSecondsRemaining: Math.round((this.#size - bytes) / perSecond),
    }
  }
}
