import type { Store } from '../store/db.ts'
import type { WaitingInput } from '../store/schema.ts'

/** Milliseconds that input of a page that is gone is kept: no relay holds a session for longer. */
const KEPT_MS = 24 * 60 * 60 * 1000
/** Milliseconds that a page which is being reloaded has to let go, on a busy machine. */
const PATIENCE = 5_000

/**
 * Input that waits for its relay, kept for a page that comes back: after a reload, a crash, another day. It is under a lock of
 * the page that typed it, so that what a living page still has is nobody else's to send.
 */
export class KeptInput {
  readonly #inputs: Store['inputs']
  readonly #locks: LockManager | undefined
  /** What lets each lock go. */
  readonly #held = new Map<string, () => void>()
  /** Locks of this page's own input that are on their way. */
  readonly #reserved = new Map<string, Promise<boolean>>()

  /** @param locks absent on plain http off loopback: then nothing is kept */
  constructor(inputs: Store['inputs'], locks: LockManager | undefined) {
    this.#inputs = inputs
    this.#locks = locks
  }

  /** Gets the lock of this page's input ahead of its need: a page that goes has no time to. */
  async reserve(id: string): Promise<void> {
    if (!this.#locks || this.#held.has(id)) return
    const reserved = this.#reserved.get(id) ?? this.#lock(id)
    this.#reserved.set(id, reserved)
    await reserved
    this.#reserved.delete(id)
  }

  /** Keeps input in place of what the same page kept of the session. Rejects with `StoreFailure`. */
  async put(input: Omit<WaitingInput, 'keptAt'>): Promise<void> {
    if (!this.#locks) return
    if (!this.#held.has(input.id)) await this.reserve(input.id)
    await this.#inputs.put({ ...input, keptAt: Date.now() })
  }

  /** The input of a page has arrived, or is not wanted any more. Rejects with `StoreFailure`. */
  async remove(id: string): Promise<void> {
    await this.#inputs.remove(id)
    this.release(id)
  }

  /** Lets another page have what is kept. */
  release(id: string): void {
    this.#held.get(id)?.()
    this.#held.delete(id)
  }

  /** What a page that is gone has left for a session, the newest; it is this page's from now on. Rejects with `StoreFailure`. */
  async claim(sessionId: string): Promise<WaitingInput | undefined> {
    if (!this.#locks) return undefined
    const kept = (await this.#inputs.all()).sort((a, b) => b.keptAt - a.keptAt)
    for (const { id, keptAt } of kept) if (Date.now() - keptAt > KEPT_MS) await this.#inputs.remove(id)
    for (const { id } of kept.filter((input) => input.sessionId === sessionId)) {
      if (!(await this.#lock(id, AbortSignal.timeout(PATIENCE)))) continue
      const input = await this.#inputs.get(id)
      if (input) return input
      this.release(id)
    }
    return undefined
  }

  /** Whether the lock is this page's now; waits for it until the signal is aborted. */
  #lock(id: string, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const got = () => {
        resolve(true)
        return new Promise<void>((release) => this.#held.set(id, release))
      }
      this.#locks?.request(`fairlead-input ${id}`, signal ? { signal } : {}, got).catch(() => resolve(false))
    })
  }
}
