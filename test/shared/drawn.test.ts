import headless from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { drawn } from '../../shared/drawn.ts'
import { mend } from '../../shared/mended.ts'
import { Modes } from '../../shared/modes.ts'
import type { Cell } from '../../shared/painted.ts'
import { sgr } from '../../shared/sgr.ts'
import { chance } from '../harness/chance.ts'

const size = { cols: 40, rows: 12 }

/** A terminal, what it shows and what it will make of what comes. */
class Screen {
  readonly xterm = new headless.Terminal({ ...size, scrollback: 50, allowProposedApi: true })
  readonly #modes = new Modes(this.xterm.parser)

  constructor() {
    mend(this.xterm, (error) => expect.fail(String(error)))
  }

  async write(data: string): Promise<this> {
    await new Promise<void>((parsed) => this.xterm.write(data, parsed))
    return this
  }

  drawn(scrollback = 50): string {
    return drawn(this.xterm, this.#modes, scrollback)
  }

  /** Every cell of the screen, cursor and modes. */
  shown(): string {
    const { active } = this.xterm.buffer
    const lines = Array.from({ length: size.rows }, (_, y) => {
      const line = active.getLine(active.baseY + y)
      const cells = Array.from({ length: size.cols }, (_, x) => {
        const cell = line?.getCell(x) as unknown as Cell
        const ground = `${cell.isBgRGB()}${cell.getBgColor()}`
        return `${cell.getChars()}${cell.getWidth()}${cell.getChars() === '' ? ground : sgr(cell)}`
      })
      return { cells, wrapped: line?.isWrapped && y > 0 }
    })
    const { cursorX, cursorY, type } = active
    return JSON.stringify({ lines, cursorX, cursorY, type, modes: this.xterm.modes }, undefined, 1)
  }

  scrollback(): string[] {
    const { normal } = this.xterm.buffer
    return Array.from({ length: normal.baseY }, (_, y) => normal.getLine(y)?.translateToString(true) ?? '')
  }

  /** Another terminal, drawn from this one. */
  async again(): Promise<Screen> {
    return new Screen().write(this.drawn())
  }
}

/** What a program does before a cut, and what it does behind it, from which the rest of the state can be seen. */
const programs: [what: string, before: string, behind: string][] = [
  ['line drawing in G0', '\u001b(0lqqk', 'mqqj\u001b(Bab'],
  ['line drawing in G1, shifted out', '\u001b)0\u000elqk', 'mqj\u000fab\u000eq'],
  ['line drawing in G1, not yet in use', '\u001b)0', '\u000elqk\u000fab'],
  ['line drawing in G2 and G3', '\u001b*0\u001b+0\u001bn', 'lqk\u001boqq\u000fab'],
  ['a saved cursor', '\u001b[5;7H\u001b[1;31m\u001b7\u001b[0m\u001b[10;2Hfar', '\u001b8back'],
  ['a saved cursor with line drawing', '\u001b[5;7H\u001b(0\u001b7\u001b(B\u001b[9;9H', 'ab\u001b8qqq'],
  ['a restored cursor whose charset nobody designates', '\u001b[3;3H\u001b(0\u001b7\u001b(B\u001b8', 'qqq\u001b8lk'],
  ['a saved cursor with wide colours', '\u001b[4;4H\u001b[38;5;200;48;2;1;2;3m\u001b7\u001b[m\u001b[H', '\u001b8x'],
  ['tab stops', '\u001b[3g\u001b[1;5H\u001bH\u001b[1;12H\u001bH\u001b[2;1H', 'a\tb\tc\td'],
  ['no tab stops', '\u001b[3g\u001b[2;1H', 'a\tb'],
  ['a scroll region', '1\r\n2\r\n3\r\n4\u001b[2;5r\u001b[5;1H', 'a\r\nb\r\nc\u001b[1;1Hx'],
  ['a scroll region with its own origin', '\u001b[3;8r\u001b[?6h\u001b[2;2H', 'x\u001b[1;1Hy'],
  ['an origin without a region', '\u001b[?6h\u001b[4;4H', 'x\u001b[1;1Hy'],
  ['insert mode', 'abcdef\u001b[1;3H\u001b[4h', 'XY'],
  ['no wrapping', '\u001b[?7l\u001b[2;38H', 'abcdef'],
  ['a line that is about to wrap', `\u001b[12;1Hbelow\u001b[3;1H${'w'.repeat(40)}`, 'next'],
  ['a wide character that is about to wrap', `\u001b[12;1Hb\u001b[3;39H日`, '本'],
  ['a line feed that returns', '\u001b[20h', 'one\ntwo'],
  ['the look of the cursor', '\u001b[5 q', ''],
  ['application keys, focus, paste and mouse', '\u001b[?1;66;1004;2004;1002;1006;45h', ''],
  ['curly and coloured underlines', '\u001b[4:3;58:5:9mwavy\u001b[58:2::1:2:3mblue', ' on'],
  ['a double underline over wide characters', '\u001b[21m日本\u001b[24m plain \u001b[4:2me\u0301', 'x'],
  ['links', 'a \u001b]8;id=7;https://example.org\u0007li\u001b[1mnk\u001b]8;;\u0007 b', ' c'],
  ['an open link', 'a \u001b]8;id=8;https://example.org\u0007li', 'nk\u001b]8;;\u0007 b'],
  ['colours of the palette', '\u001b]4;1;#123456;255;rgb:1/2/3\u0007\u001b]10;red;blue\u0007', ''],
  [
    'colours that were taken back',
    '\u001b]4;1;#123456;2;red\u0007\u001b]104;1\u0007\u001b]12;red\u0007\u001b]112\u0007',
    '',
  ],
  [
    'an alternate screen over a saved cursor, tab stops and a region',
    'shell\u001b[3;9r\u001b[1;5H\u001bH\u001b[6;6H\u001b[45m\u001b[?1049h\u001b[m\u001b[2J\u001b[4;10r\u001b[2;2Hvim\u001b7',
    '\u001b[10;1H\n\u001b8X\u001b[?1049lback\r\na\tb\u001b[9;1H\n',
  ],
  ['an alternate screen on a coloured ground', 'a\u001b[44m\u001b[?1049hblue\u001b[41m', '\u001b[Kx\u001b[?1049ly'],
  ['an alternate screen of the older kind', 'a\u001b[2;3H\u001b[?47hb\u001b[5;6H', 'c\u001b[?47ld'],
]

describe('a drawing makes another terminal the same', () => {
  it.each(programs)('%s', async (_, before, behind) => {
    const one = await new Screen().write(before)
    const other = await one.again()
    expect(other.shown()).toBe(one.shown())
    expect(other.drawn()).toBe(one.drawn())
    await one.write(behind)
    await other.write(behind)
    expect(other.shown()).toBe(one.shown())
    expect(other.drawn()).toBe(one.drawn())
  })

  it('N-RPL-01 whatever a program does, wherever it is cut', async () => {
    const random = chance(7)
    const pick = <T>(of: readonly T[]): T => of[random(of.length)] as T
    const number = (to: number) => 1 + random(to)
    const moves = [
      () => `\u001b[${number(12)};${number(40)}H`,
      () => pick(['text', 'lqqk', '日本語', 'e\u0301', 'x'.repeat(number(60)), '\t', '\r\n', '\b', '\r', '\n', '  ']),
      () => `\u001b[${pick([0, 1, 2, 3, 4, '4:3', 5, 7, 9, 53, 31, 94, 42, 107, '38;5;99', '48;2;9;8;7', '58:5:3'])}m`,
      () => `\u001b${pick(['7', '8', 'D', 'E', 'M', 'H', '(0', '(B', ')0', ')B', '*0', 'n', 'o'])}`,
      () => pick(['\u000e', '\u000f']),
      () =>
        `\u001b[${pick(['J', '1J', '2J', 'K', '1K', '2K', 'L', 'M', 'P', '@', '3X', 'S', 'T', '3A', 'g', '3g', '2I'])}`,
      () => `\u001b[?${pick([1, 6, 7, 9, 25, 45, 1002, 1004, 1006, 2004])}${pick(['h', 'l'])}`,
      () => `\u001b[4${pick(['h', 'l'])}`,
      () => `\u001b[?1049${pick(['h', 'l'])}`,
      () => `\u001b[${number(6)};${6 + number(6)}r`,
      () => pick(['\u001b[r', '\u001b[!p', '\u001b[4 q', '\u001b]2;title\u0007', '\u001b[s', '\u001b[u']),
    ]
    const story = (steps: number) => Array.from({ length: steps }, () => pick(moves)()).join('')
    for (let run = 0; run < 60; run++) {
      const before = story(60)
      const behind = story(10)
      const one = await new Screen().write(before)
      const other = await one.again()
      expect(other.shown(), JSON.stringify(before)).toBe(one.shown())
      expect(other.scrollback()).toEqual(one.scrollback())
      await Promise.all([one.write(behind), other.write(behind)])
      expect(other.shown(), JSON.stringify({ before, behind })).toBe(one.shown())
    }
  })
})
