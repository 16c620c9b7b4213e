import { expect, test } from 'vitest'
import { readLaunch } from '../../pwa/platform.ts'

test('a launch has the fields of the fragment, decoded, and no others', () => {
  expect(readLaunch('#token=abc&relay=https%3A%2F%2Fr.example&target=ssh%3A%2F%2Fh&handoff=x&other=y')).toEqual({
    token: 'abc',
    relay: 'https://r.example',
    target: 'ssh://h',
    handoff: 'x',
  })
  expect(readLaunch('')).toEqual({})
  expect(readLaunch(`#target=${'a'.repeat(4097)}&token=`)).toEqual({})
})

test('the type of terminal is taken where a connect would take it', () => {
  expect(readLaunch('#term=xterm-256color')).toEqual({ term: 'xterm-256color' })
  for (const term of ['', 'two words', 'a;b', 'x%1b', 'x'.repeat(65)]) expect(readLaunch(`#term=${term}`)).toEqual({})
})

test('a header is one clean line of at most 100 characters', () => {
  expect(readLaunch('#header=On+duty%0a%1b%5b31m%e2%80%ae%3Cb%3E').header).toBe('On duty[31m<b>')
  expect(readLaunch(`#header=${'\u{1f6a2}'.repeat(300)}`).header).toBe('\u{1f6a2}'.repeat(100))
  expect(readLaunch('#header=+%00+')).toEqual({})
})
