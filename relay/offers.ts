import { Refusal } from '../shared/failure.ts'
import { bounds } from '../shared/protocol.ts'
import type { Sftp } from './sftp.ts'

/** A file that somebody who knows its id may fetch. */
export interface Offer {
  sftp: Sftp
  path: string
  /** What it is to be called where it goes. */
  name: string
}

/** Requests for an id that nobody has offered yet which are kept waiting; the rest are told at once. */
const WAITING_MAX = 64

/** Files that are offered to the browser itself, each for one use. An offer ends with its session. */
export class Offers {
  readonly #lifeMs: number
  readonly #waitMs: number
  readonly #open = new Map<string, Offer>()
  readonly #waiting = new Map<string, (offer: Offer) => void>()

  /** @param limits ms that an offer stands, and ms that `take` waits for one */
  constructor({ offerMs, offerWaitMs }: { offerMs: number; offerWaitMs: number }) {
    this.#lifeMs = offerMs
    this.#waitMs = offerWaitMs
  }

  /** Offers that stand. */
  get size(): number {
    return this.#open.size
  }

  /** Offers a file. Of too many of a session the oldest goes. @throws Refusal `bad-request` for an id that is offered */
  add(id: string, offer: Offer): void {
    if (this.#open.has(id)) throw new Refusal('bad-request', { phase: 'files' })
    const waits = this.#waiting.get(id)
    if (waits) {
      waits(offer)
      return
    }
    const own = [...this.#open].filter(([, { sftp }]) => sftp === offer.sftp)
    if (own[0] && own.length >= bounds.offers) this.#open.delete(own[0][0])
    this.#open.set(id, offer)
    const { signal } = offer.sftp
    const forget = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', forget)
      if (this.#open.get(id) === offer) this.#open.delete(id)
    }
    const timer = setTimeout(forget, this.#lifeMs)
    timer.unref()
    signal.addEventListener('abort', forget)
  }

  /**
   * The file of that id, which nobody else gets from now on. Since an offer may be on its way on another connection, one
   * that is not there is waited for a moment; undefined where none comes.
   */
  async take(id: string): Promise<Offer | undefined> {
    const offer = this.#open.get(id)
    this.#open.delete(id)
    if (offer || this.#waiting.has(id) || this.#waiting.size >= WAITING_MAX) return offer
    return new Promise((resolve) => {
      const end = (found?: Offer) => {
        clearTimeout(timer)
        this.#waiting.delete(id)
        resolve(found)
      }
      const timer = setTimeout(end, this.#waitMs)
      timer.unref()
      this.#waiting.set(id, end)
    })
  }
}
