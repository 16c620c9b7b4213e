interface Waiter {
  who: string
  cost: number
  go: () => void
}

/**
 * So many places, which transfers take for their files: whoever has the fewest comes next, so that one with ten thousand files
 * does not hold up one with a single file.
 */
export class Slots {
  #free: number
  readonly #held = new Map<string, number>()
  #waiting: Waiter[] = []

  constructor(places: number) {
    this.#free = places
  }

  /** Takes places and resolves with what gives them back. Rejects with the signal's reason. */
  take(who: string, cost: number, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const abort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter)
        reject(signal.reason)
        this.#next()
      }
      const waiter: Waiter = {
        who,
        cost,
        go: () => {
          signal.removeEventListener('abort', abort)
          resolve(this.#give(who, cost))
        },
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.push(waiter)
      this.#next()
    })
  }

  #give(who: string, cost: number): () => void {
    let over = false
    return () => {
      if (over) return
      over = true
      this.#count(who, -cost)
      this.#next()
    }
  }

  #count(who: string, cost: number): void {
    this.#free -= cost
    const held = (this.#held.get(who) ?? 0) + cost
    if (held > 0) this.#held.set(who, held)
    else this.#held.delete(who)
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      const held = ({ who }: Waiter) => this.#held.get(who) ?? 0
      const next = this.#waiting.reduce((best, other) => (held(other) < held(best) ? other : best))
      // It is not passed by what would fit, or it would never come.
      if (next.cost > this.#free) return
      this.#waiting = this.#waiting.filter((other) => other !== next)
      this.#count(next.who, next.cost)
      next.go()
    }
  }
}
