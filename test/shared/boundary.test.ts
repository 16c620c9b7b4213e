import { expect, it } from 'vitest'
import { Boundary } from '../../shared/boundary.ts'
import { chance } from '../harness/chance.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function at(...pieces: (string | Uint8Array)[]): Boundary {
  const boundary = new Boundary()
  for (const piece of pieces) boundary.pass(typeof piece === 'string' ? bytes(piece) : piece)
  return boundary
}

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
  '\u009b31mred',
  '\u009d0;title\u009c',
  '\u001b]0;broken off\u0018',
  '\u001b_an application\u00e9',
  '·····',
])('%j is whole', (text) => {
  expect(at(text).whole).toBe(true)
})

it.each([
  '\u001b',
  '\u001b[',
  '\u001b[38;5',
  '\u001b[3\r\n',
  '\u001b]0;ti',
  '\u001b]0;tïtle',
  '\u001bPq',
  '\u001bPqé',
  '\u001b(',
  'x\u001b]8;;https://',
  '\u009b31',
  '\u009d0;title',
  '\u0090q',
])('%j is not', (text) => {
  expect(at(text).whole).toBe(false)
})

it.each([
  ['€', 2],
  ['😀', 3],
  ['é', 1],
])('the first bytes of %s are not', (text, length) => {
  expect(at(bytes(`text ${text}`).slice(0, 5 + length)).whole).toBe(false)
})

it('a string is open for as long as it goes on, however long', () => {
  const boundary = at('\u001b]52;c;')
  const piece = new Uint8Array(100_000).fill(0x41)
  for (let turn = 0; turn < 10; turn++) expect(boundary.pass(piece)).toBe(true)
  expect(boundary.whole).toBe(false)
  expect(boundary.pass(bytes('AAA\u0007text'))).toBe(false)
  expect(boundary.whole).toBe(true)
})

it('it is the same however the output is cut into pieces', () => {
  const random = chance(3)
  const letters = bytes('\u001b\u001b[]P_X(;0mq\u0007\u0018\\é€😀\u0090\u009b\u009d\u009c·a')
  for (let turn = 0; turn < 2000; turn++) {
    const output = Uint8Array.from({ length: 30 }, () => letters[random(letters.length)] ?? 0)
    const cut = random(30)
    const [whole, pieces] = [at(output), at(output.subarray(0, cut), output.subarray(cut))]
    const one = new Boundary()
    for (let byte = 0; byte < output.length; byte++) one.pass(output.subarray(byte, byte + 1))
    const told = [whole, pieces, one].map((boundary) => ({ whole: boundary.whole, opening: boundary.opening }))
    expect(told[1], String(output)).toEqual(told[0])
    expect(told[2], String(output)).toEqual(told[0])
  }
})
