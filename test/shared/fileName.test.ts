import { expect, test } from 'vitest'
import { decodeName, encodeName, isNameText, visibleName } from '../../shared/fileName.ts'

const shown = (name: string) =>
  visibleName(name)
    .map(({ text, odd }) => (odd ? `[${text}]` : text))
    .join('')

test('S-LST-02 any bytes make the way through text and back', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const samples = [
    all,
    all.toReversed(),
    Buffer.from('grün 🛟 ﷽ 漢字'),
    // Overlong, a surrogate, beyond the last code point, cut at the end, a lone continuation.
    Uint8Array.of(0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 0xe2, 0x82),
    Uint8Array.of(0xf0, 0x9f, 0x9b, 0x41, 0x80, 0xff),
    new Uint8Array(),
    Buffer.from('\ufeffwith a mark at the beginning'),
  ]
  for (let first = 0x80; first < 0x100; first++)
    for (const next of [0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc0]) samples.push(Uint8Array.of(first, next, 0x80, 0x80, 0x41))
  for (const bytes of samples) {
    const text = decodeName(bytes)
    expect(isNameText(text.replaceAll('\0', ''))).toBe(true)
    expect(Buffer.from(encodeName(text))).toEqual(Buffer.from(bytes))
    expect(JSON.parse(JSON.stringify(text))).toBe(text)
  }
})

test('what is UTF-8 is what it says, as everybody decodes it', () => {
  for (const text of ['plain', 'é', '漢', '🛟', '\u{10ffff}', 'a\u{10080}b', 'x'.repeat(10_000) + 'é'.repeat(10_000)]) {
    expect(decodeName(Buffer.from(text))).toBe(text)
    expect(Buffer.from(encodeName(text)).toString()).toBe(text)
  }
  expect(decodeName(Uint8Array.of(0x63, 0xe9))).toBe('c\udce9')
})

test('only what stands for bytes may be a path', () => {
  for (const text of ['a', '\udc80', 'x\udcff', '\ud800\udc80']) expect(isNameText(text)).toBe(true)
  for (const text of ['a\0b', '\ud800', 'a\ud800b', '\udc7f', '\udd00', '\udfff']) expect(isNameText(text)).toBe(false)
})

test('S-NAM-01 what cannot be seen, or would turn the rest around, is shown as an escape with a mark', () => {
  expect(shown('photo.jpg')).toBe('photo.jpg')
  expect(shown('a\nb\tc')).toBe('a[\\n]b[\\t]c')
  expect(shown('\u001b[31mred')).toBe('[\\e][31mred')
  expect(shown('\u202egpj.exe')).toBe('[\\u{202e}]gpj.exe')
  expect(shown('caf\udce9')).toBe('caf[\\xe9]')
  expect(shown(' two  blanks  ')).toBe('[␣]two  blanks[␣␣]')
  expect(shown('hair\u200bline, no\u00a0break')).toBe('hair[\\u{200b}]line, no[\\xa0]break')
  expect(shown('👩‍👩‍👧')).toBe('👩‍👩‍👧')
  expect(visibleName('')).toEqual([])
})
