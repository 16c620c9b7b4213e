import { expect, it } from 'vitest'
import { shortText } from '../../shared/shortText.ts'

it('makes strings of keys and their echo, never of what a string could change', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  expect(shortText(bytes('\u001b[A\0x'))).toBe('\u001b[A\0x')
  expect(shortText(bytes('ä'))).toEqual(bytes('ä'))
  expect(shortText(Uint8Array.of(0xff))).toEqual(Uint8Array.of(0xff))
  expect(shortText(bytes('x'.repeat(257)))).toEqual(bytes('x'.repeat(257)))
})
