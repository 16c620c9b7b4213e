import { effect, untracked } from '@preact/signals'
import type { Store } from '../store/db.ts'
import type { Ending } from '../store/schema.ts'
import type { Endpoints } from './endpoints.ts'
import { Failed } from './failure.ts'
import type { Link } from './link.ts'

/** Milliseconds after which a relay has ended a session by itself, at the latest. */
const GRACE_MOST = 24 * 60 * 60 * 1000
/** Endings that may wait; the oldest goes. */
const MOST = 200

/**
 * Sessions that a person ended while their relay was out of reach: it is told as soon as it is back, also after a reload.
 * Nobody is told twice, and a relay that has restarted not at all.
 */
export class Endings {
  readonly #store: Store
  readonly #report: (error: unknown) => void
  readonly #telling = new Set<string>()
  readonly #stop: () => void

  constructor(store: Store, endpoints: Endpoints, report: (error: unknown) => void) {
    this.#store = store
    this.#report = report
    this.#stop = effect(() => {
      const endings = store.endings.items.value
      const list = endpoints.list.value
      for (const ending of endings) {
        const link = list.find(({ id }) => id === ending.endpointId)?.link
        const epoch = link?.hello.value?.epoch
        untracked(() => void this.#settle(ending, link, epoch).catch(report))
      }
    })
  }

  /** Remembers that a session is to end. Rejects with `StoreFailure`. */
  async add(ending: Omit<Ending, 'endedAt'>): Promise<void> {
    const { endings } = this.#store
    await endings.put({ ...ending, endedAt: Date.now() })
    const byAge = endings.items.peek().toSorted((a, b) => a.endedAt - b.endedAt)
    for (const { id } of byAge.slice(0, Math.max(0, byAge.length - MOST))) await endings.remove(id)
  }

  close(): void {
    this.#stop()
  }

  async #settle(ending: Ending, link: Link | undefined, epoch: string | undefined): Promise<void> {
    const { id } = ending
    if (this.#telling.has(id)) return
    const old = Date.now() - ending.endedAt > GRACE_MOST
    if (link && epoch === undefined && !old) return
    this.#telling.add(id)
    try {
      if (link && epoch === ending.epoch && !old) await link.ask('session-end', { sessionId: id })
      await this.#store.endings.remove(id)
    } catch (error) {
      const code = error instanceof Failed ? error.failure.code : undefined
      if (code === 'no-session') await this.#store.endings.remove(id)
      else if (code !== 'relay-lost') this.#report(error)
    } finally {
      this.#telling.delete(id)
    }
  }
}
