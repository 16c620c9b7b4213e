import type { Terminal as Xterm } from '@xterm/xterm'

/**
 * Widths of characters by Unicode's grapheme clusters; their tables are loaded with the first output beyond ASCII. Nothing
 * is written meanwhile, so the width of what is on the screen does not change afterwards.
 */
export class Graphemes {
  readonly #xterm: Xterm
  #waiting: (() => void)[] | undefined
  #there = false

  constructor(xterm: Xterm) {
    this.#xterm = xterm
  }

  /** Writes at once where it can, else in order once the tables are there. */
  write(data: string | Uint8Array, done?: () => void): void {
    if (this.#waiting) this.#waiting.push(() => this.#xterm.write(data, done))
    else if (this.#there || isAscii(data)) this.#xterm.write(data, done)
    else {
      this.#waiting = [() => this.#xterm.write(data, done)]
      void this.#load()
    }
  }

  async #load(): Promise<void> {
    try {
      const { UnicodeGraphemesAddon } = await import('@xterm/addon-unicode-graphemes')
      this.#xterm.loadAddon(new UnicodeGraphemesAddon())
    } catch (error) {
      // Offline for the first time: xterm's own older widths do, and all that follows has them.
      console.warn('No grapheme clusters', error)
    }
    this.#there = true
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const write of waiting) write()
  }
}

function isAscii(data: string | Uint8Array): boolean {
  if (typeof data === 'string') return !/[^\0-\x7f]/.test(data)
  for (let at = 0; at < data.length; at++) if ((data[at] as number) > 0x7f) return false
  return true
}
