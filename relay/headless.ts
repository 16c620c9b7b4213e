import type { Terminal } from '@xterm/headless'
import { drawn } from '../shared/drawn.ts'
import { mend } from '../shared/mended.ts'
import { Modes } from '../shared/modes.ts'

/** UTF-16 units of a drawing, and bytes parsed between two looks whether it has become larger. */
const bound = { units: 1024 * 1024, look: 1024 * 1024 }
/** Bytes of memory: a terminal without its cells, as measured, and a cell of both its buffers. */
const memory = { terminal: 192 * 1024, cell: 24 }

/** Escape sequences that draw the visible part of a terminal, and set its modes, on one of this size that was just opened. */
export interface Drawing {
  data: string
  cols: number
  rows: number
}

let loading: ReturnType<typeof load> | undefined

async function load() {
  const { poolSize } = Buffer
  // The add-on for graphemes takes the whole pool for its table, which stands somewhere in it, and fails.
  Buffer.poolSize = 0
  try {
    return await Promise.all([import('@xterm/headless'), import('@xterm/addon-unicode-graphemes')])
  } finally {
    Buffer.poolSize = poolSize
  }
}

/** A terminal that nobody sees: it parses, has no scrollback, answers no query, and takes links for text. */
export class Headless {
  readonly #terminal: Terminal
  readonly #modes: Modes
  #parsed = 0

  private constructor(terminal: Terminal, stumbled: (error: unknown) => void) {
    mend(terminal, stumbled)
    this.#terminal = terminal
    this.#modes = new Modes(terminal.parser)
    // Links without end could be written into one line, each of which xterm keeps for as long as the line is there.
    terminal.parser.registerOscHandler(8, () => true)
  }

  /**
   * Opens one that shows a drawing. The packages are loaded now: a relay whose clients stay never needs them.
   * @param stumbled is told what xterm has thrown in parsing; it goes on behind it
   */
  static async open({ data, cols, rows }: Drawing, stumbled: (error: unknown) => void): Promise<Headless> {
    loading ??= load()
    const [{ default: xterm }, { default: graphemes }] = await loading
    // It would tell the console of every sequence that it does not know, and a program has no end of them.
    const terminal = new xterm.Terminal({ cols, rows, scrollback: 0, allowProposedApi: true, logLevel: 'off' })
    // The add-on is typed for the terminal of a page; the headless one has all that it uses.
    type Addon = Parameters<typeof terminal.loadAddon>[0]
    terminal.loadAddon(new graphemes.UnicodeGraphemesAddon() as unknown as Addon)
    const headless = new Headless(terminal, stumbled)
    await new Promise<void>((drawn) => terminal.write(data, drawn))
    return headless
  }

  /** Bytes of memory that it takes; an estimate. */
  get memory(): number {
    return memory.terminal + this.#terminal.cols * this.#terminal.rows * memory.cell
  }

  resize(cols: number, rows: number): void {
    if (cols === this.#terminal.cols && rows === this.#terminal.rows) return
    this.#terminal.resize(cols, rows)
  }

  /** Hands bytes over; `parsed` is called in the very turn in which they change what is drawn. */
  write(data: Uint8Array, parsed: () => void): void {
    this.#terminal.write(data, () => {
      this.#look(data.length)
      parsed()
    })
  }

  draw(): Drawing {
    const { cols, rows } = this.#terminal
    const data = drawn(this.#terminal, this.#modes, 0)
    return { data: data.length > bound.units ? this.#modes.sequences() : data, cols, rows }
  }

  close(): void {
    // After what is still being parsed.
    this.#terminal.write('', () => this.#terminal.dispose())
  }

  /** Every cell of a large screen may be full of combining characters: what has become too large to be drawn is wiped. */
  #look(bytes: number): void {
    this.#parsed += bytes
    if (this.#parsed < bound.look) return
    this.#parsed = 0
    if (drawn(this.#terminal, this.#modes, 0).length > bound.units) this.#terminal.reset()
  }
}
