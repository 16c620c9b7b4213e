import { type Attributes, sgr } from './sgr.ts'

/** A cell of xterm.js 6, of whose attributes its public type tells less. */
export interface Cell extends Attributes {
  readonly bg: number
  getChars(): string
  getWidth(): number
}

/** What is needed of a buffer of xterm.js. */
export interface PaintedBuffer {
  readonly length: number
  getLine(y: number): Line | undefined
  getNullCell(): unknown
}

interface Line {
  readonly isWrapped: boolean
  /** @param cell is filled and returned */
  getCell(x: number, cell?: unknown): unknown
}

/** Gives the address of a link, and its id where it has one. */
export type LinkOf = (id: number) => { uri: string; id?: string } | undefined

/** UTF-16 units of a link that is painted. */
const LINK = 4096
/** The bits of `bg` that are a colour. */
const COLOUR = 0x3ffffff
const noLink = '\u001b]8;;\u0007'

/** Sequences for the attributes of a cell and its link. */
export function lookOf(cell: Attributes, linkOf: LinkOf): string {
  const link = cell.hasExtendedAttrs() ? linkOf(cell.extended.urlId) : undefined
  const begins = link && `\u001b]8;${link.id ? `id=${link.id}` : ''};${link.uri}\u0007`
  return sgr(cell) + (begins && begins.length <= LINK ? begins : noLink)
}

/**
 * Sequences that paint the lines of a buffer on an empty screen, from its upper left corner: characters, attributes, links,
 * grounds of empty cells, and which lines are one that was wrapped. Pen and cursor are left where they are.
 * @param from the first line
 */
export function painted(buffer: PaintedBuffer, cols: number, from: number, linkOf: LinkOf): string {
  const pen = new Pen(linkOf)
  // A scrollback has a million cells.
  const filled = [buffer.getNullCell(), buffer.getNullCell()] as const
  for (let y = from; y < buffer.length; y++) {
    const line = buffer.getLine(y)
    // Beyond the last line of an alternate screen xterm gives the first.
    const next = y + 1 < buffer.length ? buffer.getLine(y + 1) : undefined
    if (!line) break
    paintCells(pen, line, cols, y > from && line.isWrapped, filled)
    if (next?.isWrapped) wrap(pen, line, next, cols)
    else if (next) pen.plain('\r\n')
  }
  return pen.sequences
}

/** Writes with attributes, which it says where they change. */
class Pen {
  sequences = ''
  readonly #linkOf: LinkOf
  #fg = 0
  #bg = 0
  #extended = 0
  #link = 0

  constructor(linkOf: LinkOf) {
    this.#linkOf = linkOf
  }

  /** Writes as this cell looks. */
  like(cell: Cell, text: string): void {
    const extended = cell.hasExtendedAttrs() ? cell.extended : undefined
    this.#take(cell.fg, cell.bg, extended?.ext ?? 0, extended?.urlId ?? 0, cell)
    this.sequences += text
  }

  /** Writes on the ground of this cell. */
  ground(cell: Cell, text: string): void {
    if ((this.#bg & COLOUR) !== (cell.bg & COLOUR)) this.like(cell, '')
    this.sequences += text
  }

  plain(text: string): void {
    this.#take(0, 0, 0, 0, undefined)
    this.sequences += text
  }

  #take(fg: number, bg: number, extended: number, link: number, cell: Cell | undefined): void {
    const same = fg === this.#fg && bg === this.#bg && extended === this.#extended && link === this.#link
    if (same) return
    const look = cell ? lookOf(cell, this.#linkOf) : `\u001b[m${noLink}`
    this.sequences += link === this.#link ? look.slice(0, look.indexOf('m') + 1) : look
    this.#fg = fg
    this.#bg = bg
    this.#extended = extended
    this.#link = link
  }
}

/** @param wrapped whether its first character is yet to bring the cursor there, which gives the line that one's ground */
function paintCells(
  pen: Pen,
  line: Line,
  cols: number,
  wrapped: boolean,
  [one, other]: readonly [unknown, unknown],
): void {
  let x = 0
  while (x < cols) {
    const cell = line.getCell(x, one) as Cell
    if (cell.getChars() !== '') {
      pen.like(cell, cell.getChars())
      x += Math.max(1, cell.getWidth())
      if (wrapped && x <= 2 && (cell.bg & COLOUR) !== 0 && x < cols) pen.plain('\u001b[K')
      continue
    }
    const begin = x
    while (++x < cols) {
      const next = line.getCell(x, other) as Cell
      if (next.getChars() !== '' || (next.bg & COLOUR) !== (cell.bg & COLOUR)) break
    }
    if ((cell.bg & COLOUR) !== 0) pen.ground(cell, `\u001b[${x - begin}X`)
    // Behind the last column a wide character would not find the place from which it was wrapped.
    if (x < cols) pen.sequences += `\u001b[${x - begin}C`
  }
}

/** Goes on to the next line as text does that is too long. */
function wrap(pen: Pen, line: Line, next: Line, cols: number): void {
  const last = cellAt(line, cols - 1)
  const start = last.getWidth() === 0 ? cols - 2 : cols - 1
  const filled = last.getChars() !== '' || start < cols - 1
  const first = cellAt(next, 0)
  const beforeLast = cellAt(line, cols - 2)
  const wide = first.getWidth() === 2 && (beforeLast.getChars() !== '' || beforeLast.getWidth() === 0)
  if (first.getChars() !== '' && (filled || wide)) return
  // Two characters bring the wrap about; the one before it is made what it was, the one behind it wiped.
  pen.plain(`\u001b[${cols}G--\r\u001b[X\u001b[A\u001b[${start + 1}G`)
  const cell = cellAt(line, start)
  if (filled) pen.like(cell, cell.getChars())
  else pen.ground(cell, '\u001b[X')
  pen.sequences += '\r\u001b[B'
}

/** The cell there: lines are as long as the terminal is wide. */
function cellAt(line: Line, x: number): Cell {
  return line.getCell(x) as Cell
}
