import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { Refusal } from '../shared/failure.ts'

/** Keys that may take a session up at one time; the one that was used longest ago goes first. */
const KEYS_MAX = 4
/** Wrong signatures after which every one is refused for a while. */
const TRIES = 10
/** Milliseconds for which signatures are refused then. */
const LOCK_MS = 60_000

/**
 * The keys whose holders may take up one session, and the lock against guesses. A lasting key attaches and authorises
 * others; a one-time key authorises one lasting key and is gone, and a session has one at most.
 */
export class AttachKeys {
  /** The one used last stands last. */
  readonly #lasting: KeyObject[]
  #once: { key: KeyObject; until: number } | undefined
  #wrong = 0
  #lockedUntil = 0

  /**
   * @param spki the first key, P-256
   * @throws Refusal `bad-request` for another kind of key
   */
  constructor(spki: Uint8Array) {
    this.#lasting = [readAttachKey(spki)]
  }

  /** Milliseconds for which guesses have locked it; 0 while it is open. */
  get lockedMs(): number {
    return Math.max(0, Math.ceil(this.#lockedUntil - performance.now()))
  }

  /** Passes for what a lasting key has signed. @throws Refusal `attach-refused`, always the same whatever is wrong */
  attach(signed: Uint8Array, signature: Uint8Array): void {
    if (!this.#byLasting(signed, signature)) this.#refuse()
  }

  /**
   * Lets another key in on the word of one that is.
   * @param once milliseconds within which the new key is good for one use; undefined for a lasting one
   * @throws Refusal `attach-refused`, or `bad-request` for another kind of key
   */
  authorise(spki: Uint8Array, once: number | undefined, signed: Uint8Array, signature: Uint8Array): void {
    const key = readAttachKey(spki)
    if (!this.#byLasting(signed, signature)) {
      if (once !== undefined || !this.#byOnce(signed, signature)) this.#refuse()
      this.#once = undefined
    }
    if (once !== undefined) {
      this.#once = { key, until: performance.now() + once }
      return
    }
    this.#lasting.push(key)
    if (this.#lasting.length > KEYS_MAX) this.#lasting.shift()
  }

  #byLasting(signed: Uint8Array, signature: Uint8Array): boolean {
    if (this.lockedMs > 0) return false
    const at = this.#lasting.findIndex((key) => isBy(key, signed, signature))
    this.#lasting.push(...(at < 0 ? [] : this.#lasting.splice(at, 1)))
    return at >= 0
  }

  #byOnce(signed: Uint8Array, signature: Uint8Array): boolean {
    if (this.lockedMs > 0 || !this.#once || performance.now() > this.#once.until) return false
    return isBy(this.#once.key, signed, signature)
  }

  #refuse(): never {
    if (this.lockedMs === 0) {
      this.#wrong += 1
      if (this.#wrong % TRIES === 0) this.#lockedUntil = performance.now() + LOCK_MS
    }
    throw new Refusal('attach-refused')
  }
}

function isBy(key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

function readAttachKey(spki: Uint8Array): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  } catch {
    // Not a key at all: refused below like a key of another kind.
  }
  throw new Refusal('bad-request', { detail: 'A session is taken up by a P-256 key' })
}
