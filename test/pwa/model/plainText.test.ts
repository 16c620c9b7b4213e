import { expect, it } from 'vitest'
import { plainLine, plainText } from '../../../pwa/model/plainText.ts'

it('T-ESC-02 makes one short line without controls and bidi marks of a title', () => {
  expect(plainLine('a\u202eb\u0007c\u009bd\ne\u2066f<b>', 128)).toBe('abcdef<b>')
  expect(plainLine('x'.repeat(1_000_000), 128)).toHaveLength(128)
  expect(Array.from(plainLine('😀'.repeat(200), 128))).toHaveLength(128)
})

it('keeps line ends and tabs of longer texts', () => {
  expect(plainText('one\r\ntwo\r\u001b[2Jthree\tfour\u202e', 100)).toBe('one\ntwo\n[2Jthree\tfour')
  expect(plainText('x'.repeat(100), 10)).toHaveLength(10)
})
