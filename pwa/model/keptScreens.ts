import * as v from 'valibot'
import type { Store } from '../store/db.ts'
import type { Screen } from '../store/schema.ts'
import { StoreFailure } from '../store/storeFailure.ts'

/** Bytes of all screens that are kept, as the browser holds them: UTF-16. */
const BOUND = 32 * 1024 * 1024

const Size = v.tuple([v.number(), v.number()])

/** A screen as it is drawn; what it takes and when it was kept is added with the keeping. */
export type DrawnScreen = Omit<Screen, 'keptAt' | 'bytes'>

/** The kept screens of all tabs in all windows, within one bound: beyond it the one that was kept longest ago goes. */
export class KeptScreens {
  readonly #screens: Store['screens']
  readonly #bound: number
  #full = false

  /** @param bound bytes */
  constructor(screens: Store['screens'], bound = BOUND) {
    this.#screens = screens
    this.#bound = bound
  }

  /** Rejects with `StoreFailure`. */
  get(id: string): Promise<Screen | undefined> {
    return this.#screens.get(id)
  }

  /**
   * Keeps a screen in place of the former one of its tab. Where the browser has no space the others go first; that there is
   * none even so is said once and not with every screen. Rejects with `StoreFailure`.
   */
  async put(screen: DrawnScreen): Promise<void> {
    const kept = { ...screen, bytes: screen.data.length * 2, keptAt: Date.now() }
    const others = await this.#others(screen.id)
    let total = others.reduce((sum, { bytes }) => sum + bytes, kept.bytes)
    while (total > this.#bound) {
      const oldest = others.shift()
      if (!oldest) break
      total -= oldest.bytes
      await this.remove(oldest.id)
    }
    try {
      await this.#write(kept)
      this.#full = false
    } catch (error) {
      const full = error instanceof StoreFailure && error.code === 'quota'
      if (full && this.#full) return
      this.#full = full
      throw error
    }
  }

  /** Rejects with `StoreFailure`. */
  async remove(id: string): Promise<void> {
    await this.#screens.remove(id)
  }

  async #write(screen: Screen): Promise<void> {
    for (;;) {
      try {
        await this.#screens.put(screen)
        return
      } catch (error) {
        const full = error instanceof StoreFailure && error.code === 'quota'
        const [oldest] = full ? await this.#others(screen.id) : []
        if (!oldest) throw error
        await this.remove(oldest.id)
      }
    }
  }

  /** What all windows have kept of other tabs, the one that was kept longest ago first. */
  async #others(but: string): Promise<{ id: string; bytes: number }[]> {
    const all = await this.#screens.index('size')
    return all.filter(({ id }) => id !== but).map(({ id, key }) => ({ id, bytes: v.parse(Size, key)[1] }))
  }
}
