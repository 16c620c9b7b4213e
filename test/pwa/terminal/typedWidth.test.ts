import headless from '@xterm/headless'
import { expect, it } from 'vitest'
import { typedWidth } from '../../../pwa/terminal/typedWidth.ts'

const characters = Array.from({ length: 0x20000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
const known = characters.filter((character) => typedWidth(character) !== undefined)

/** The add-on reads its tables at the beginning of the memory that they lie in: not where Node's pool has put them. */
async function graphemes() {
  const { poolSize } = Buffer
  Buffer.poolSize = 0
  const { UnicodeGraphemesAddon } = await import('@xterm/addon-unicode-graphemes')
  Buffer.poolSize = poolSize
  return new UnicodeGraphemesAddon()
}

it.each(['older widths', 'grapheme clusters'])('a width is what the terminal gives the character by %s', async (by) => {
  const terminal = new headless.Terminal({ allowProposedApi: true })
  // The add-on is typed for the terminal of a page; the headless one has all that it uses.
  type Addon = Parameters<typeof terminal.loadAddon>[0]
  if (by === 'grapheme clusters') terminal.loadAddon((await graphemes()) as unknown as Addon)
  // Of the thousands of ideographs and syllables every hundredth.
  const sample = known.filter((character, at) => typedWidth(character) === 1 || at % 101 === 0)
  const wrong: string[] = []
  const judge = (character: string, done: () => void) =>
    terminal.write(`\r\u001b[Ka${character}`, () => {
      if (terminal.buffer.active.cursorX !== 1 + (typedWidth(character) ?? 0)) wrong.push(character)
      done()
    })
  await Promise.all(sample.map((character) => new Promise<void>((done) => judge(character, done))))
  expect(sample.length).toBeGreaterThan(1000)
  expect(wrong).toEqual([])
})

it('is not claimed of what depends on what stands beside it, or on the version of Unicode', () => {
  const unsure = [
    '\u0301',
    '\u200d',
    '\ufe0f',
    '\u00ad',
    '🙂',
    '🇪',
    '❤',
    'é'.normalize('NFD'),
    '\u1100',
    'ﷺ',
    '\u001b',
    '',
  ]
  expect(unsure.filter((character) => typedWidth(character) !== undefined)).toEqual([])
  expect(['a', '~', ' ', 'é', 'ß', 'Ω', 'ж'].map(typedWidth)).toEqual([1, 1, 1, 1, 1, 1, 1])
  expect(['日', 'の', 'カ', '한'].map(typedWidth)).toEqual([2, 2, 2, 2])
})
