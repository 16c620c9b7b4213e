import type { Terminal as Xterm } from '@xterm/xterm'
import { drawn } from '../../shared/drawn.ts'
import type { Modes } from '../../shared/modes.ts'

/** Lines of scrollback that a snapshot keeps, less where it would become larger than so many UTF-16 units. */
const bound = { lines: [5000, 1000, 200, 0], units: 2 * 1024 * 1024 }

/** Escape sequences that draw a terminal again, at most about 2 MiB of them. */
export class Snapshot {
  readonly #xterm: Xterm
  readonly #modes: Modes

  constructor(xterm: Xterm, modes: Modes) {
    this.#xterm = xterm
    this.#modes = modes
  }

  /** @param most lines of scrollback at most */
  take(most = Number.POSITIVE_INFINITY): { data: string; cols: number; rows: number } | undefined {
    const { cols, rows } = this.#xterm
    for (const lines of bound.lines) {
      const data = drawn(this.#xterm, this.#modes, Math.min(lines, most))
      if (data.length <= bound.units) return { data, cols, rows }
    }
    return undefined
  }
}
