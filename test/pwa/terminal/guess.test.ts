import { describe, expect, it } from 'vitest'
import { type Guess, guess, keysOf, shows } from '../../../pwa/terminal/guess.ts'

const LEFT = '\u001b[D'
const RIGHT = '\u001bOC'
const ERASE = '\u007f'

/** A line of 20 columns after a prompt of two. */
const prompt: Guess = { row: 7, col: 2, start: 2, end: 2, cells: [...'$ '.padEnd(20)] }

/** What keys make of a line; undefined from the first that cannot be guessed. */
function typed(keys: readonly string[], line: Guess = prompt): Guess | undefined {
  return keys.reduce<Guess | undefined>((now, key) => now && guess(key, now), line)
}

const text = (line: Guess | undefined) => line && `${line.cells.join('').trimEnd()}|${line.col}`

describe('what a key does to a line', () => {
  it('characters, erasing and moving', () => {
    expect(text(typed([...'ls']))).toBe('$ ls|4')
    expect(text(typed([...'ls', ERASE, 'a', '\b']))).toBe('$ l|3')
    expect(text(typed([...'ls', LEFT, LEFT, RIGHT]))).toBe('$ ls|3')
  })

  it('a wide character fills two columns and is not erased or stepped over', () => {
    expect(text(typed(['a', '日', 'b']))).toBe('$ a日b|6')
    expect(typed(['日', ERASE])).toBeUndefined()
    expect(typed(['日', LEFT])).toBeUndefined()
  })

  it('nothing is guessed before what was typed, beyond it, or in its middle', () => {
    expect(typed([ERASE])).toBeUndefined()
    expect(typed([LEFT])).toBeUndefined()
    expect(typed(['a', ERASE, ERASE])).toBeUndefined()
    expect(typed(['a', RIGHT])).toBeUndefined()
    expect(typed(['a', 'b', LEFT, 'x'])).toBeUndefined()
    expect(typed(['a', 'b', LEFT, ERASE])).toBeUndefined()
  })

  it('nothing is guessed over what stands there: a suggestion, the rest of a line', () => {
    const suggested = { ...prompt, cells: [...'$ ls -l'.padEnd(20)] }
    expect(typed(['l'], suggested)).toBeUndefined()
    const right = { ...prompt, cells: [...`${'$ '.padEnd(5)}12:00`.padEnd(20)] }
    expect(text(typed(['a', 'b'], right))).toBe('$ ab 12:00|4')
    expect(text(typed(['a', 'b', 'c'], right))).toBe('$ abc12:00|5')
    expect(typed(['a', 'b', 'c', 'd'], right)).toBeUndefined()
    expect(typed(['a', 'b', '日'], right)).toBeUndefined()
  })

  it('the last column is left alone', () => {
    const full = [...'x'.repeat(17)]
    expect(text(typed(full))).toBe(`$ ${'x'.repeat(17)}|19`)
    expect(typed([...full, 'y'])).toBeUndefined()
    expect(typed([...full.slice(1), '日'])).toBeUndefined()
  })

  it('a line is left as it was', () => {
    typed([...'ls', ERASE])
    expect(text(prompt)).toBe('$|2')
  })
})

describe('what counts as typed', () => {
  it.each([
    ['a', ['a']],
    ['日本', ['日', '本']],
    [ERASE, [ERASE]],
    [LEFT, [LEFT]],
    ['\r', undefined],
    ['\t', undefined],
    ['\u0003', undefined],
    ['\u001b[A', undefined],
    ['\u001bb', undefined],
    ['ls\r', undefined],
    ['e\u0301', undefined],
    ['👩‍👩‍👧', undefined],
    ['x'.repeat(33), undefined],
    ['', undefined],
  ])('%j', (data, keys) => {
    expect(keysOf(data)).toEqual(keys)
  })
})

describe('whether a guess is shown by the terminal', () => {
  const guessed = typed([...'ls', LEFT]) as Guess

  it('by the cursor and the text before it', () => {
    expect(shows(guessed, guessed)).toBe(true)
    expect(shows({ ...guessed, cells: [...'$ lx 12:00'.padEnd(20)] }, guessed)).toBe(true)
    expect(shows({ ...guessed, cells: [...'$ xs'.padEnd(20)] }, guessed)).toBe(false)
    expect(shows({ ...guessed, col: 4 }, guessed)).toBe(false)
    expect(shows({ ...guessed, row: 8 }, guessed)).toBe(false)
    expect(shows({ ...guessed, cells: [...'$ ls'.padEnd(21)] }, guessed)).toBe(false)
  })
})
