/** Lets in so many at once, and so much of them together; the others wait in the order in which they came. */
export class Lane {
  readonly #most: { requests: number; bytes: number }
  readonly #waiting: { bytes: number; go: () => void }[] = []
  #requests = 0
  #bytes = 0

  /** @param most what may be in it at once; one that is larger than all goes alone */
  constructor(most: { requests: number; bytes: number }) {
    this.#most = most
  }

  /** Runs `work` when it is its turn. Rejects as that does. */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(bytes))
      await new Promise<void>((go) => this.#waiting.push({ bytes, go }))
    else this.#enter(bytes)
    try {
      return await work()
    } finally {
      this.#requests -= 1
      this.#bytes -= bytes
      this.#next()
    }
  }

  #fits(bytes: number): boolean {
    if (this.#requests === 0) return true
    return this.#requests < this.#most.requests && this.#bytes + bytes <= this.#most.bytes
  }

  #enter(bytes: number): void {
    this.#requests += 1
    this.#bytes += bytes
  }

  #next(): void {
    for (let first = this.#waiting[0]; first && this.#fits(first.bytes); first = this.#waiting[0]) {
      this.#waiting.shift()
      this.#enter(first.bytes)
      first.go()
    }
  }
}
