import { expect, it } from 'vitest'
import { wholeEnd } from '../../shared/wholeEnd.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

it.each([
  '',
  'plain',
  '€',
  '😀',
  '\u001b[31m',
  '\u001b[31mred',
  '\u001b]0;title\u0007',
  '\u001b]0;title\u001b\\',
  '\u001bP$q\u001b\\',
  '\u001b(B',
  '\u001b7',
])('%j is whole', (text) => {
  expect(wholeEnd(bytes(text))).toBe(true)
})

it.each(['\u001b', '\u001b[', '\u001b[38;5', '\u001b]0;ti', '\u001bPq', '\u001b(', 'x\u001b]8;;https://'])(
  '%j is not',
  (text) => {
    expect(wholeEnd(bytes(text))).toBe(false)
  },
)

it.each([
  ['€', 2],
  ['😀', 3],
  ['é', 1],
])('the first bytes of %s are not', (text, length) => {
  expect(wholeEnd(bytes(`text ${text}`).slice(0, 5 + length))).toBe(false)
})
