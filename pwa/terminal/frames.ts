import type { Terminal as Xterm } from '@xterm/xterm'

/** Bytes within so many milliseconds that nobody can read as they pass. */
const flood = { bytes: 128 * 1024, ms: 100 }
/** Milliseconds between two drawings of a flood, and of quiet after which its end is drawn. */
const wait = { flooded: 80, quiet: 16 }

// What is replaced here is private to xterm, which is pinned; `test/e2e/terminal.test.ts` fails when it moves.
interface RenderService {
  refreshRows(start: number, end: number, redrawOnly?: boolean): void
  handleSelectionChanged(start: unknown, end: unknown, columns: boolean): void
}

/**
 * When a terminal is drawn. Laying out a screenful of elements takes longer than parsing many of them, and xterm does it
 * with every frame, twice: so a flood is drawn a few times a second, and text that nobody has selected once. While there
 * is a flood, xterm's element has the class `flooded`.
 */
export class Frames {
  readonly #xterm: Xterm
  readonly #draw: RenderService['refreshRows']
  #written = { bytes: 0, before: 0, since: 0 }
  #drawn = 0
  #held: { start: number; end: number } | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #over: ReturnType<typeof setTimeout> | undefined

  /** @param xterm opened */
  constructor(xterm: Xterm) {
    this.#xterm = xterm
    const renderer = (xterm as unknown as { _core: { _renderService: RenderService } })._core._renderService
    this.#draw = renderer.refreshRows.bind(renderer)
    renderer.refreshRows = (start, end, redrawOnly) => {
      if (redrawOnly || !this.#flooded) this.#draw(start, end, redrawOnly)
      else this.#hold(start, end)
    }
    const select = renderer.handleSelectionChanged.bind(renderer)
    let selected = false
    renderer.handleSelectionChanged = (start, end, columns) => {
      const selects = start !== undefined && end !== undefined
      if (selects || selected) select(start, end, columns)
      selected = selects
    }
  }

  /** So many bytes were handed to the terminal. */
  wrote(bytes: number): void {
    const now = performance.now()
    const age = now - this.#written.since
    if (age > flood.ms) this.#written = { bytes: 0, before: age > 2 * flood.ms ? 0 : this.#written.bytes, since: now }
    this.#written.bytes += bytes
  }

  dispose(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#over)
  }

  get #flooded(): boolean {
    return Math.max(this.#written.bytes, this.#written.before) >= flood.bytes
  }

  #hold(start: number, end: number): void {
    this.#held = {
      start: Math.min(start, this.#held?.start ?? start),
      end: Math.max(end, this.#held?.end ?? end),
    }
    clearTimeout(this.#timer)
    const due = this.#drawn + wait.flooded - performance.now()
    if (due <= 0) this.#release()
    // What has waited behind a long task is let in before a pause is taken for the end.
    else if (due > wait.quiet) this.#timer = setTimeout(() => this.#releaseIn(0), wait.quiet)
    else this.#releaseIn(due)
  }

  #releaseIn(ms: number): void {
    this.#timer = setTimeout(() => this.#release(), ms)
  }

  #release(): void {
    const held = this.#held
    this.#held = undefined
    this.#drawn = performance.now()
    this.#xterm.element?.classList.add('flooded')
    clearTimeout(this.#over)
    this.#over = setTimeout(() => this.#xterm.element?.classList.remove('flooded'), 2 * flood.ms)
    if (held) this.#draw(held.start, held.end)
  }
}
