import type { Modes } from './modes.ts'
import { type Cell, lookOf, type PaintedBuffer, painted } from './painted.ts'
import { type Attributes, sgr } from './sgr.ts'

/** What stands in a drawing where its alternate screen begins; the cursor of the other one has been saved before it. */
export const alternateBegins = '\u001b[0m\u001b[?1047h\u001b[H'

/** Columns between two tab stops that nobody has set. */
const TAB = 8
/** A table of replaced characters; undefined is ASCII. */
type Charset = Readonly<Record<string, string | undefined>> | undefined

interface Screen {
  x: number
  y: number
  ybase: number
  savedX: number
  /** Counted from the first line of the scrollback. */
  savedY: number
  savedCurAttrData: Attributes
  savedCharset: Charset
  scrollTop: number
  scrollBottom: number
  tabs: Readonly<Record<number, boolean | undefined>>
}

/**
 * The state of an xterm.js 6.0 terminal to which it gives no public access; its own serialize add-on needs some of it too. The
 * version is pinned, and `test/shared/drawn.test.ts` fails where these names are no more.
 */
interface Core {
  buffers: { normal: Screen; alt: Screen; active: Screen }
  coreService: {
    modes: { insertMode: boolean }
    decPrivateModes: {
      applicationCursorKeys: boolean
      applicationKeypad: boolean
      bracketedPasteMode: boolean
      cursorBlink: boolean | undefined
      cursorStyle: 'block' | 'underline' | 'bar' | undefined
      origin: boolean
      reverseWraparound: boolean
      sendFocus: boolean
      wraparound: boolean
    }
  }
  _charsetService: { charset: Charset; glevel: number; _charsets: Charset[] }
  _inputHandler: { _curAttrData: Attributes }
  _oscLinkService: { getLinkData(id: number): { uri: string; id?: string } | undefined }
}

interface Terminal {
  readonly cols: number
  readonly rows: number
  readonly options: { readonly convertEol?: boolean | undefined }
  readonly modes: { readonly mouseTrackingMode: 'none' | 'x10' | 'vt200' | 'drag' | 'any' }
  readonly buffer: { readonly active: PaintedBuffer & { readonly baseY: number }; readonly normal: PaintedBuffer }
}

/**
 * Escape sequences that make a terminal of the same size that was just opened what this one is: text with its attributes and
 * links, cursor, saved cursors, modes, charsets, scroll regions, tab stops, and what `Modes` has heard. Of charsets it knows
 * ASCII and line drawing: no program that writes UTF-8 uses another.
 * @param scrollback lines above the screen at most
 */
export function drawn(terminal: Terminal, modes: Modes, scrollback: number): string {
  // What is private is missing from the types of xterm.
  const core = (terminal as Terminal & { _core: Core })._core
  const { normal, alt, active } = core.buffers
  const { buffer, cols, rows } = terminal
  const linkOf = (id: number) => core._oscLinkService.getLinkData(id)
  const first = Math.max(0, buffer.normal.length - rows - scrollback)
  const screens = [painted(buffer.normal, cols, first, linkOf) + settings(normal, terminal)]
  if (active === alt) screens.push(painted(buffer.active, cols, 0, linkOf) + settings(alt, terminal))
  return screens.join(alternateBegins) + setModes(core, terminal) + modes.sequences() + cursor(core, terminal)
}

/** Tab stops, scroll region and saved cursor of a screen. */
function settings(screen: Screen, { cols, rows }: Terminal): string {
  const { scrollTop, scrollBottom, savedX, savedCurAttrData } = screen
  const region = scrollTop > 0 || scrollBottom < rows - 1 ? `\u001b[${scrollTop + 1};${scrollBottom + 1}r` : ''
  const savedY = Math.max(0, screen.savedY - screen.ybase)
  const charset = drawsLines(screen.savedCharset)
  const attributes = sgr(savedCurAttrData)
  const saved =
    savedX > 0 || savedY > 0 || charset || attributes !== '\u001b[0m'
      ? `${at(savedY, Math.min(savedX, cols - 1))}${attributes}${charset ? '\u001b(0' : ''}\u001b7${charset ? '\u001b(B' : ''}`
      : ''
  return tabStops(screen, cols) + region + saved
}

function tabStops({ tabs }: Screen, cols: number): string {
  const stops = Array.from({ length: cols }, (_, x) => x).filter((x) => tabs[x])
  const usual = Math.ceil(cols / TAB)
  if (stops.length === usual && stops.every((x) => x % TAB === 0)) return ''
  return `\u001b[3g${stops.map((x) => `\u001b[${x + 1}G\u001bH`).join('')}`
}

const mouse = { none: '', x10: '\u001b[?9h', vt200: '\u001b[?1000h', drag: '\u001b[?1002h', any: '\u001b[?1003h' }
const styles = { block: 2, underline: 4, bar: 6 }

/** The modes that neither move the cursor nor change what is drawn next. */
function setModes({ coreService: { decPrivateModes: set } }: Core, { options, modes }: Terminal): string {
  return (
    (set.applicationCursorKeys ? '\u001b[?1h' : '') +
    (set.applicationKeypad ? '\u001b[?66h' : '') +
    (set.bracketedPasteMode ? '\u001b[?2004h' : '') +
    (set.reverseWraparound ? '\u001b[?45h' : '') +
    (set.sendFocus ? '\u001b[?1004h' : '') +
    (set.cursorStyle ? `\u001b[${styles[set.cursorStyle] - (set.cursorBlink ? 1 : 0)} q` : '') +
    (options.convertEol ? '\u001b[20h' : '') +
    mouse[modes.mouseTrackingMode]
  )
}

/** Cursor, attributes and charsets, and the modes that change how they are set. */
function cursor(core: Core, { buffer, cols }: Terminal): string {
  const { x, y, scrollTop } = core.buffers.active
  const { charset, glevel, _charsets } = core._charsetService
  const { origin, wraparound } = core.coreService.decPrivateModes
  const designated = [0, 1, 2, 3].map((g) => (drawsLines(_charsets[g]) ? `\u001b${'()*+'[g]}0` : '')).join('')
  const charsets = designated + ['', '\u000e', '\u001bn', '\u001bo'][glevel]
  // A charset that is not the one in use can only have come with the saved cursor.
  const restored = drawsLines(charset) !== drawsLines(_charsets[glevel])
  const row = origin ? y - scrollTop : y
  const place = at(row, Math.min(x, cols - 1))
  const linkOf = (id: number) => core._oscLinkService.getLinkData(id)
  const attributes = lookOf(core._inputHandler._curAttrData, linkOf)
  return (
    (origin ? '\u001b[?6h' : '') +
    (restored ? `${charsets}\u001b8${place}` : place + pendingWrap(row) + charsets) +
    attributes +
    (core.coreService.modes.insertMode ? '\u001b[4h' : '') +
    (wraparound ? '' : '\u001b[?7l')
  )

  /** Behind the last column a cursor can only be brought by a character. */
  function pendingWrap(row: number): string {
    const line = x >= cols ? buffer.active.getLine(buffer.active.baseY + y) : undefined
    const last = line?.getCell(cols - 1) as Cell | undefined
    const start = last?.getWidth() === 0 ? cols - 2 : cols - 1
    const cell = line?.getCell(start) as Cell | undefined
    return cell?.getChars() ? at(row, start) + lookOf(cell, linkOf) + cell.getChars() : ''
  }
}

/** Whether it is the DEC special graphics, which alone have a diamond. */
function drawsLines(charset: Charset): boolean {
  return charset?.['`'] === '\u25c6'
}

const at = (y: number, x: number) => `\u001b[${y + 1};${x + 1}H`
