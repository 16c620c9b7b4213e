/** ms that a wait may take before the run is given up as broken. */
const PATIENCE = 120_000
/** Characters of the end that are kept, to find a text in. */
const TAIL = 512

/** The output of one program as it arrives: how much there was, and its end. */
export class Output {
  #length = 0
  #tail = ''
  #failure: Error | undefined
  readonly #waiting = new Set<() => void>()

  /** Bytes so far. */
  get length(): number {
    return this.#length
  }

  /** Takes the next bytes. */
  take(chunk: Uint8Array): void {
    this.#length += chunk.length
    const end = Buffer.from(
      chunk.buffer,
      chunk.byteOffset + Math.max(0, chunk.length - TAIL),
      Math.min(TAIL, chunk.length),
    )
    this.#tail = (this.#tail + end.toString('latin1')).slice(-TAIL)
    for (const look of this.#waiting) look()
  }

  /** No more will come: who waits hears why. */
  end(why: string): void {
    this.#failure = new Error(`${why}; the last output was ${JSON.stringify(this.#tail)}`)
    for (const look of this.#waiting) look()
  }

  /** Waits for as many bytes. @throws Error when the program ends before */
  reaches(length: number): Promise<void> {
    return this.#until(() => this.#length >= length, `${length} bytes of output`)
  }

  /** Waits until the last output holds a text. @throws Error when the program ends before */
  shows(text: string): Promise<void> {
    return this.#until(() => this.#tail.includes(text), text)
  }

  #until(is: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.end(`${what} did not come, only ${this.#length} bytes`), PATIENCE)
      const look = () => {
        if (!is() && !this.#failure) return
        clearTimeout(timer)
        this.#waiting.delete(look)
        if (is()) resolve()
        else reject(this.#failure)
      }
      this.#waiting.add(look)
      look()
    })
  }
}
