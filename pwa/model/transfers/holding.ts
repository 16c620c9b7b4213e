/** Lets go of a transfer. */
export type Release = () => void

/**
 * Which window has a transfer: one at a time, and when it is gone the next. By Web Locks; where there are none, as on plain
 * http off loopback, each window has those that it began.
 */
export class Holding {
  readonly #locks: LockManager | undefined

  constructor(locks: LockManager | undefined) {
    this.#locks = locks
  }

  /**
   * Takes a transfer, now or never.
   * @param mine whether this window began it, or whoever did is gone
   */
  take(id: string, mine: boolean): Promise<Release | undefined> {
    const locks = this.#locks
    if (!locks) return Promise.resolve(mine ? () => undefined : undefined)
    return new Promise((resolve, reject) => {
      const got = (lock: Lock | null) => {
        if (!lock) return resolve(undefined)
        return new Promise<void>((release) => resolve(release))
      }
      locks.request(lockName(id), { ifAvailable: true }, got).catch(reject)
    })
  }

  /** Resolves when no other window has it any more; undefined after an abort. */
  async wait(id: string, signal: AbortSignal): Promise<void> {
    await this.#locks?.request(lockName(id), { signal }, () => undefined).catch(() => undefined)
  }
}

function lockName(id: string): string {
  return `fairlead-transfer ${id}`
}
