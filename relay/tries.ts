import { setTimeout as delay } from 'node:timers/promises'
import ipaddr from 'ipaddr.js'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Refusal } from '../shared/failure.ts'

/** Refused for a time. */
export class Throttled extends Refusal {
  /** Seconds until the next try is heard. */
  readonly retryAfter: number

  constructor(retryAfter: number) {
    super('too-many-requests')
    this.retryAfter = retryAfter
  }
}

/** Failures of one address that cost nothing. */
const FREE = 5
/** Seconds that the wait grows to; it doubles from 1. */
const LONGEST = 60
/** Seconds after its first failure that an address is forgotten. */
const MEMORY = 60 * 60
/** Failures a minute, of all addresses, beyond which each try waits `SLOWED_MS`; nobody is locked out. */
const SOFT_CAP = 100
const SLOWED_MS = 1000

/** Counts wrong passwords by address: an IPv4 address or an IPv6 /64 counts as one. */
export class Tries {
  readonly #failures = new RateLimiterMemory({ points: FREE, duration: MEMORY })
  readonly #blocked = new RateLimiterMemory({ points: 1, duration: LONGEST })
  readonly #all = new RateLimiterMemory({ points: SOFT_CAP, duration: 60 })

  /**
   * Runs one try. It is counted before it runs, so that tries side by side gain nothing, and forgiven when it was right.
   * @throws Throttled while the address has to wait
   */
  async run(peer: string, test: () => Promise<boolean>): Promise<boolean> {
    const key = network(peer)
    const { consumedPoints: tries } = await this.#failures.penalty(key)
    if (tries > FREE) await this.#wait(key)
    const hold = async () => {
      if (tries >= FREE) await this.#blocked.block(key, Math.min(LONGEST, 2 ** Math.min(10, tries - FREE)))
    }
    await hold()
    const all = await this.#all.get('all')
    if (all && all.consumedPoints > SOFT_CAP) await delay(SLOWED_MS)
    const right = await test()
    if (right) await Promise.all([this.#failures.delete(key), this.#blocked.delete(key)])
    // Anew, since the test took its time.
    else await Promise.all([hold(), this.#all.penalty('all')])
    return right
  }

  /** `consume` lets one of many through, also when they come at the same moment. */
  async #wait(key: string): Promise<void> {
    try {
      await this.#blocked.consume(key)
    } catch (blocked) {
      if (!(blocked instanceof RateLimiterRes)) throw blocked
      await this.#failures.reward(key)
      throw new Throttled(Math.max(1, Math.ceil(blocked.msBeforeNext / 1000)))
    }
  }
}

function network(peer: string): string {
  if (!ipaddr.isValid(peer)) return peer
  const address = ipaddr.process(peer)
  return address instanceof ipaddr.IPv6 ? address.toByteArray().slice(0, 8).join('.') : address.toString()
}
