import { computed, effect, type ReadonlySignal, untracked } from '@preact/signals'
import type { Terminal as Xterm } from '@xterm/xterm'
import type { Session } from '../model/session.ts'
import type { Preferences } from '../model/settings.ts'
import { cursorLine } from './cursorLine.ts'
import { EchoTime } from './echoTime.ts'
import type { Line } from './guess.ts'
import { Prediction } from './prediction.ts'
import { PredictionOverlay } from './predictionOverlay.ts'

/**
 * Shows what is typed before a slow line brings its echo, unless the person has set it off. Nothing in xterm's buffer
 * changes.
 */
export class PredictiveEcho {
  readonly #xterm: Xterm
  readonly #modes: { readonly cursorHidden: boolean }
  readonly #settings: Preferences
  /** Whether what is typed is sent at once. */
  readonly #open: ReadonlySignal<boolean>
  readonly #echo: EchoTime
  readonly #prediction: Prediction
  readonly #overlay: PredictionOverlay
  readonly #endings: (() => void)[]
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param xterm opened */
  constructor(xterm: Xterm, modes: { readonly cursorHidden: boolean }, session: Session, settings: Preferences) {
    this.#xterm = xterm
    this.#modes = modes
    this.#open = computed(() => session.state.value === 'open' && session.heldInput.value === undefined)
    this.#settings = settings
    this.#echo = new EchoTime(() => session.link?.roundTrip.peek())
    this.#prediction = new Prediction(this.#echo)
    this.#overlay = new PredictionOverlay(xterm)
    const resized = xterm.onResize(() => this.#forget())
    const drawn = xterm.buffer.onBufferChange(() => this.#forget())
    this.#endings = [
      () => resized.dispose(),
      () => drawn.dispose(),
      // After a cut, what was typed before and meanwhile comes back at any time.
      effect(() => {
        this.#open.value
        settings.value.value.predictEcho
        untracked(() => this.#forget())
      }),
    ]
  }

  /** A person typed this, and the session took it. */
  typed(data: string): void {
    const line = this.#line()
    this.#prediction.type(data, line, performance.now())
    this.#show(line)
  }

  /** The session took something else: a paste, a mouse report. */
  sent(): void {
    this.#prediction.skip(performance.now())
    this.#show()
  }

  /** The terminal has parsed output. */
  parsed(): void {
    const line = this.#line()
    this.#prediction.see(line, performance.now())
    this.#show(line)
  }

  dispose(): void {
    clearTimeout(this.#timer)
    for (const end of this.#endings) end()
    this.#overlay.dispose()
  }

  #forget(): void {
    this.#prediction.forget(performance.now())
    this.#show()
  }

  #show(line = this.#line()): void {
    const prediction = this.#prediction
    const { predictEcho } = this.#settings.value.peek()
    const wanted = predictEcho === 'always' || (predictEcho === 'auto' && this.#echo.slow)
    this.#overlay.show(wanted ? prediction.shown(line) : undefined)
    clearTimeout(this.#timer)
    const { deadline } = prediction
    if (deadline === undefined) return
    this.#timer = setTimeout(() => {
      prediction.expire(this.#line(), performance.now())
      this.#show()
    }, deadline - performance.now())
  }

  /** Undefined where nothing is guessed: full-screen programs, menus that hide the cursor, no session. */
  #line(): Line | undefined {
    const { active } = this.#xterm.buffer
    const plain = active.type === 'normal' && !this.#modes.cursorHidden
    const guesses = this.#settings.value.peek().predictEcho !== 'never'
    return plain && guesses && this.#open.peek() ? cursorLine(active) : undefined
  }
}
