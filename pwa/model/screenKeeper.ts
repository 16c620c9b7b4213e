import type { DrawnScreen, KeptScreens } from './keptScreens.ts'

/** Milliseconds without output before a screen is kept, and of output without a break. */
const wait = { quiet: 1_000, busy: 5_000 }

/** Keeps a session's screen in the store: when output pauses, and where it does not, often enough for the relay's log. */
export class ScreenKeeper {
  readonly #screens: KeptScreens
  readonly #draw: () => Promise<DrawnScreen | undefined>
  readonly #report: (error: unknown) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #changedSince: number | undefined

  /** @param draw gives the screen, or undefined where it cannot be gone on from just now */
  constructor(screens: KeptScreens, draw: () => Promise<DrawnScreen | undefined>, report: (error: unknown) => void) {
    this.#screens = screens
    this.#draw = draw
    this.#report = report
  }

  /** The screen has changed. */
  changed(): void {
    clearTimeout(this.#timer)
    this.#changedSince ??= performance.now()
    const busy = performance.now() - this.#changedSince >= wait.busy
    this.#timer = setTimeout(() => this.keep().catch(this.#report), busy ? 0 : wait.quiet)
  }

  /** Keeps it now, if it can be. Rejects with `StoreFailure`. */
  async keep(): Promise<void> {
    clearTimeout(this.#timer)
    const screen = await this.#draw()
    if (!screen) return
    this.#changedSince = undefined
    await this.#screens.put(screen)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
