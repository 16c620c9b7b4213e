/** Pieces on their way: at least, at first, at most. */
const bound = { least: 2, first: 8, most: 16 } as const
/** Milliseconds that an answer may be late beyond the fastest before there are fewer pieces at once. */
const LATE = 300

/** How many pieces of a file are on their way at once: more while the answers come promptly, fewer when they get slow. */
export class PieceWindow {
  #size: number = bound.first
  #fastest = Number.POSITIVE_INFINITY

  get size(): number {
    return Math.floor(this.#size)
  }

  /** The answer to one piece has taken so many milliseconds. */
  took(ms: number): void {
    // Slowly forgotten, since a line may become another.
    this.#fastest = Math.min(ms, this.#fastest * 1.01 + 0.01)
    if (ms > 4 * this.#fastest + LATE) this.#size = Math.max(bound.least, this.#size - 0.5)
    else this.#size = Math.min(bound.most, this.#size + 1 / this.#size)
  }
}
