interface Params {
  readonly params: Record<number, number>
}

/** What is private in xterm.js 6.0 and needed here: handlers of control sequences that get the parameters themselves. */
interface Core {
  _inputHandler: {
    registerCsiHandler(id: { prefix?: string; final: string }, handle: (params: Params) => boolean): unknown
    registerEscHandler(id: { final: string }, handle: () => boolean): unknown
    registerOscHandler(ident: number, handle: (data: string) => boolean): unknown
    parse(data: string | Uint8Array, promiseResult?: boolean): unknown
    _parser: { reset(): void }
  }
  _oscLinkService: Links
  buffers: { normal: Screen; alt: Screen; active: Screen }
}

/** The links of a terminal, by their numbers, with the lines that they stand in. */
interface Links {
  _dataByLinkId: Map<number, { lines: { line: number; dispose(): void }[] }>
  addLineToLink(link: number, line: number): void
}

/** A screen with its scrollback; the lines of links are marked in it. */
interface Screen {
  lines: { get(index: number): Line | undefined }
  markers: { dispose(): void }[]
  clearAllMarkers(): void
}

/** A line of xterm's buffer. */
interface Line {
  getString(column: number): string
  addCodepointToCell(column: number, codePoint: number, width: number): void
}

interface Terminal {
  readonly cols: number
  readonly rows: number
  readonly buffer: { readonly active: { cursorX: number; cursorY: number; baseY: number } }
}

/** UTF-16 units that a cell takes: families of emoji have 11, and text that is safe to stream 30 marks on a letter (UAX 15 §13). */
const CELL = 64
/** UTF-16 units of a list of colours: all 256 of the palette take 6,000, and xterm takes time by the square of the length. */
const COLOURS = 16 * 1024
/** Lines of links that are marked on a screen with its scrollback, and of one link: each is told of every line that moves. */
const marked = { all: 2000, link: 100 }

const rows = (terminal: Terminal) => terminal.rows
const cols = (terminal: Terminal) => terminal.cols
/** Sequences that xterm obeys as often as they say, up to 2^31 times, by their final; and how often changes anything. */
const repeated = { L: rows, M: rows, S: rows, T: rows, I: cols, Z: cols, b: (of: Terminal) => of.cols * of.rows }

/**
 * Mends what stops a terminal of xterm.js 6.0. An erase up to the last cell of a screen without scrollback throws, as other
 * sequences may; what throws is never tried again nor answered, so that nothing is parsed any more. That erase is made one of
 * the whole screen, which it is; of everything else that throws, the piece it stands in is left. Counts are held to what
 * the screen has room for, cells to as many marks as any writing has, and lists of colours to what a palette may need: a few
 * bytes may cost hours or gigabytes otherwise. Links are bounded as well, and let go of with a reset, which they outlive
 * otherwise with all that was on the screen.
 * @param failed is told of what was thrown
 */
export function mend(terminal: Terminal, failed: (error: unknown) => void): void {
  const core = (terminal as Terminal & { _core: Core })._core
  const { _inputHandler: handler, buffers } = core
  for (const prefix of ['', '?']) {
    handler.registerCsiHandler({ ...(prefix && { prefix }), final: 'J' }, ({ params }) => {
      const { cursorX, cursorY, baseY } = terminal.buffer.active
      const last = cursorX + 1 >= terminal.cols && cursorY === terminal.rows - 1 && baseY === 0
      if (params[0] === 1 && last) params[0] = 2
      return false
    })
  }
  for (const [final, most] of Object.entries(repeated)) {
    handler.registerCsiHandler({ final }, ({ params }) => {
      params[0] = Math.min(params[0] ?? 0, most(terminal))
      return false
    })
  }
  for (const list of [4, 104]) handler.registerOscHandler(list, (data) => data.length > COLOURS)
  boundLinks(core)
  const line = buffers.normal.lines.get(0)
  if (line) boundCells(Object.getPrototypeOf(line))
  const parse = handler.parse.bind(handler)
  handler.parse = (data, promiseResult) => {
    try {
      return parse(data, promiseResult)
    } catch (error) {
      handler._parser.reset()
      failed(error)
      return undefined
    }
  }
}

function boundLinks({ _inputHandler: handler, _oscLinkService: links, buffers }: Core): void {
  handler.registerOscHandler(8, () => {
    const { markers } = buffers.active
    if (markers.length >= marked.all) markers[0]?.dispose()
    return false
  })
  handler.registerEscHandler({ final: 'c' }, () => {
    for (const screen of [buffers.normal, buffers.alt]) screen.clearAllMarkers()
    return false
  })
  const add = links.addLineToLink.bind(links)
  links.addLineToLink = (link, line) => {
    // Every character of a link asks. Of one that nobody has closed the last lines keep it.
    const lines = links._dataByLinkId.get(link)?.lines
    if (!lines || lines.at(-1)?.line === line) return
    if (lines.length >= marked.link) lines[0]?.dispose()
    add(link, line)
  }
}

/** The lines of all terminals have one prototype, which is changed once. */
const bounded = new WeakSet<Line>()

function boundCells(lines: Line): void {
  if (bounded.has(lines)) return
  bounded.add(lines)
  const add = lines.addCodepointToCell
  lines.addCodepointToCell = function (this: Line, column, codePoint, width) {
    if (this.getString(column).length < CELL) add.call(this, column, codePoint, width)
  }
}
