import { describe, expect, it } from 'vitest'
import { controlCharacter } from '../../../../pwa/ui/touch/press.ts'

describe('controlCharacter', () => {
  it.each([
    ['c', '\x03'],
    ['C', '\x03'],
    ['[', '\x1b'],
    ['@', '\0'],
    [' ', '\0'],
    ['_', '\x1f'],
    ['?', '\x7f'],
  ])('of %j is %j', (text, expected) => expect(controlCharacter(text)).toBe(expected))

  it('is nothing for a key that has none', () => {
    for (const text of ['1', 'é', 'cc', '']) expect(controlCharacter(text)).toBeUndefined()
  })
})
