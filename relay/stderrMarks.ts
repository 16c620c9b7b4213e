/** Changes that are behind and still held, at most, before room is made. */
const BEHIND = 1024

/** Which bytes of an output came as standard error, by offset; what lies before the last question is forgotten. */
export class StderrMarks {
  /** Offsets at which the stream changes, ascending. Those before `#next` are behind. */
  readonly #changes: number[] = []
  #next = 0
  /** The stream at the last question, and that of the last bytes. */
  #asked = false
  #last = false

  /** The bytes from `offset` on are standard error, or are not. */
  mark(offset: number, stderr: boolean): void {
    if (stderr === this.#last) return
    this.#last = stderr
    this.#changes.push(offset)
  }

  /** What the byte at `offset` is, and the offset at which that changes; questions come in order. */
  at(offset: number): { stderr: boolean; until: number } {
    let until = this.#changes[this.#next]
    while (until !== undefined && until <= offset) {
      this.#asked = !this.#asked
      this.#next += 1
      until = this.#changes[this.#next]
    }
    if (this.#next > BEHIND) {
      this.#changes.splice(0, this.#next)
      this.#next = 0
    }
    return { stderr: this.#asked, until: until ?? Number.POSITIVE_INFINITY }
  }
}
