import type { IDisposable, Terminal as Xterm } from '@xterm/xterm'
import type { Shown } from './prediction.ts'
import './predictionOverlay.css'

/** Guesses over xterm's own cells, cell by cell, so that they stand where either of its renderers would draw them. */
export class PredictionOverlay {
  readonly #xterm: Xterm
  readonly #screen: HTMLElement | null | undefined
  readonly #element = document.createElement('div')
  readonly #rendered: IDisposable
  #shown: Shown | undefined

  /** @param xterm opened */
  constructor(xterm: Xterm) {
    this.#xterm = xterm
    this.#screen = xterm.element?.querySelector<HTMLElement>('.xterm-screen')
    this.#element.className = 'prediction'
    this.#element.ariaHidden = 'true'
    this.#element.hidden = true
    this.#screen?.append(this.#element)
    // Whatever moves a line, or changes the size of a cell, has xterm draw anew.
    this.#rendered = xterm.onRender(() => this.#place())
  }

  /** Shows this instead of what was shown before. */
  show(shown: Shown | undefined): void {
    if (!shown && !this.#shown) return
    this.#shown = shown
    this.#element.replaceChildren(...(shown ? this.#cells(shown) : []))
    this.#place()
  }

  dispose(): void {
    this.#rendered.dispose()
    this.#element.remove()
  }

  #cells({ cursor, cells, line }: Shown): HTMLElement[] {
    const kinds = new Map(cells.map(({ col, text }) => [col, text === ' ' ? 'erased' : 'guess']))
    // xterm's own cursor is covered by what stands there.
    for (const col of [cursor.own, cursor.col]) kinds.set(col, kinds.get(col) ?? 'true')
    return [...kinds].map(([col, kind]) => {
      const cell = document.createElement('span')
      const wide = line[col + 1] === ''
      cell.className = col === cursor.col ? `${kind} cursor` : kind
      cell.textContent = line[col] || ' '
      cell.style.left = `calc(${col} * var(--cell-width))`
      cell.style.width = `calc(${wide ? 2 : 1} * var(--cell-width))`
      return cell
    })
  }

  #place(): void {
    const screen = this.#screen
    const { rows, cols, buffer, options } = this.#xterm
    const row = (this.#shown?.row ?? -1) - buffer.active.viewportY
    this.#element.hidden = !screen || row < 0 || row >= rows
    if (!screen || this.#element.hidden) return
    const height = screen.clientHeight / rows
    const { style } = this.#element
    style.top = `${row * height}px`
    style.height = style.lineHeight = `${height}px`
    style.setProperty('--cell-width', `${screen.clientWidth / cols}px`)
    style.fontFamily = options.fontFamily ?? ''
    style.fontSize = `${options.fontSize}px`
    const { foreground, background, cursor, cursorAccent } = options.theme ?? {}
    for (const [name, colour] of Object.entries({ foreground, background, cursor, cursorAccent })) {
      style.setProperty(`--terminal-${name}`, colour ?? '')
    }
  }
}
