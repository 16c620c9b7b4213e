import type { Store } from '../store/db.ts'
import type { Screen } from '../store/schema.ts'
import { StoreFailure } from '../store/storeFailure.ts'

/** Bytes of all screens that are kept, as the browser holds them: UTF-16. */
const BOUND = 32 * 1024 * 1024

/** The kept screens of all tabs, within one bound: beyond it the one that was kept longest ago goes. */
export class KeptScreens {
  readonly #screens: Store['screens']
  readonly #bound: number
  #sizes: Promise<Map<string, { bytes: number; keptAt: number }>> | undefined
  #full = false

  /** @param bound bytes; what other windows have kept since this one's first is not counted */
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
  async put(screen: Omit<Screen, 'keptAt'>): Promise<void> {
    const sizes = await this.#known()
    const kept = { ...screen, keptAt: Date.now() }
    sizes.set(screen.id, sizeOf(kept))
    while ([...sizes.values()].reduce((sum, { bytes }) => sum + bytes, 0) > this.#bound) {
      if (!(await this.#dropOldest(screen.id))) break
    }
    try {
      await this.#write(kept)
      this.#full = false
    } catch (error) {
      sizes.delete(screen.id)
      const full = error instanceof StoreFailure && error.code === 'quota'
      if (full && this.#full) return
      this.#full = full
      throw error
    }
  }

  async remove(id: string): Promise<void> {
    const sizes = await this.#sizes
    sizes?.delete(id)
    await this.#screens.remove(id)
  }

  async #write(screen: Screen): Promise<void> {
    for (;;) {
      try {
        await this.#screens.put(screen)
        return
      } catch (error) {
        const full = error instanceof StoreFailure && error.code === 'quota'
        if (!full || !(await this.#dropOldest(screen.id))) throw error
      }
    }
  }

  /** Drops the screen that was kept longest ago, of another tab; false where there is none. */
  async #dropOldest(but: string): Promise<boolean> {
    const sizes = await this.#known()
    const [oldest] = [...sizes].filter(([id]) => id !== but).sort(([, a], [, b]) => a.keptAt - b.keptAt)
    if (!oldest) return false
    await this.remove(oldest[0])
    return true
  }

  #known(): Promise<Map<string, { bytes: number; keptAt: number }>> {
    this.#sizes ??= this.#screens.all().then((all) => new Map(all.map((screen) => [screen.id, sizeOf(screen)])))
    return this.#sizes
  }
}

function sizeOf({ data, keptAt }: Screen): { bytes: number; keptAt: number } {
  return { bytes: data.length * 2, keptAt }
}
