import { Refusal } from '../shared/failure.ts'
import type { Ended } from '../shared/protocol.ts'
import type { AttachKeys } from './attachKeys.ts'

/** How many ends are remembered, and for how many milliseconds. */
const kept = { ends: 1000, ms: 24 * 60 * 60 * 1000 }

/** The session is over; said to those who might have taken it up, in place of a bare `no-session`. */
export class Over extends Refusal {
  readonly ended: Ended

  constructor(ended: Ended) {
    super('no-session')
    this.ended = ended
  }
}

/** How the sessions that could be taken up have ended, for clients that come back too late: the last 1,000, for a day. */
export class Ends {
  /** Oldest first. */
  readonly #byKey = new Map<string, { keys: AttachKeys; ended: Ended; at: number }>()

  get size(): number {
    return this.#byKey.size
  }

  /** @param keys whose holders may know */
  keep(key: string, keys: AttachKeys, ended: Ended, at = performance.now()): void {
    this.#byKey.delete(key)
    this.#byKey.set(key, { keys, ended, at })
    for (const [oldest, end] of this.#byKey) {
      if (this.#byKey.size <= kept.ends && at - end.at <= kept.ms) break
      this.#byKey.delete(oldest)
    }
  }

  /** The id names another session from now on. */
  forget(key: string): void {
    this.#byKey.delete(key)
  }

  /**
   * Tells how it ended to one who signs as for an attach.
   * @throws Refusal `no-session`, an `Over` where the signature is by a key of the session
   */
  tell(key: string, signed: Uint8Array, signature: Uint8Array): never {
    const end = this.#byKey.get(key)
    if (end && performance.now() - end.at <= kept.ms) {
      let known = true
      try {
        end.keys.attach(signed, signature)
      } catch {
        // Whether there was such a session is nobody else's business.
        known = false
      }
      if (known) throw new Over(end.ended)
    }
    throw new Refusal('no-session')
  }
}
