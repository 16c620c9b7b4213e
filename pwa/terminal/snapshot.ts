import type { Terminal as Xterm } from '@xterm/xterm'
import type { Modes } from '../../shared/modes.ts'

/** Lines of scrollback that a snapshot keeps, less where it would become larger than so many UTF-16 units. */
const bound = { lines: [5000, 1000, 200, 0], units: 2 * 1024 * 1024 }

/** Escape sequences that draw a terminal again, at most about 2 MiB of them. */
export class Snapshot {
  readonly #xterm: Xterm
  readonly #modes: Modes
  #addon: Promise<{ serialize(options: { scrollback: number }): string }> | undefined

  constructor(xterm: Xterm, modes: Modes) {
    this.#xterm = xterm
    this.#modes = modes
  }

  /** @param most lines of scrollback at most */
  async take(most = Number.POSITIVE_INFINITY): Promise<{ data: string; cols: number; rows: number } | undefined> {
    this.#addon ??= import('@xterm/addon-serialize').then(({ SerializeAddon }) => {
      const addon = new SerializeAddon()
      this.#xterm.loadAddon(addon)
      return addon
    })
    const addon = await this.#addon
    for (const lines of bound.lines) {
      const scrollback = Math.min(lines, most)
      const data = addon.serialize({ scrollback })
      const { cols, rows } = this.#xterm
      if (data.length <= bound.units) return { data: data + this.#modes.sequences(), cols, rows }
    }
    return undefined
  }
}
