import { describe, expect, it } from 'vitest'
import {
  decodeText,
  type Encoding,
  encodeText,
  encodingOf,
  lineEndOf,
  readText,
  unwritable,
  writeText,
} from '../../../../pwa/model/preview/encoding.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)

describe('the encoding of a text', () => {
  it('is told by its mark, or else by its bytes', () => {
    expect(encodingOf(utf8('Füße 🙂'))).toBe('utf-8')
    expect(encodingOf(utf8('\uFEFFa'))).toBe('utf-8-bom')
    expect(encodingOf(encodeText('añ', 'utf-16le'))).toBe('utf-16le')
    expect(encodingOf(encodeText('añ', 'utf-16be'))).toBe('utf-16be')
    expect(encodingOf(Uint8Array.of(0x46, 0xfc, 0xdf, 0x65))).toBe('windows-1252')
  })

  it('lets a part end within a character, the whole not', () => {
    const cut = utf8('aß').subarray(0, 2)
    expect(encodingOf(cut, false)).toBe('utf-8')
    expect(encodingOf(cut)).toBe('windows-1252')
  })

  it('keeps every byte of a one-byte encoding, and every character of the others', () => {
    for (const encoding of ['windows-1252', 'latin-1'] as const) {
      expect(encodeText(decodeText(everyByte, encoding), encoding)).toEqual(everyByte)
    }
    const text = 'a\n€ß“日本語🙂\uD83D'
    for (const encoding of ['utf-16le', 'utf-16be'] as const) {
      expect(decodeText(encodeText(text, encoding), encoding)).toBe(text)
    }
    expect(decodeText(Uint8Array.of(0x80, 0x9f), 'windows-1252')).toBe('€Ÿ')
    expect(decodeText(utf8('\uFEFFa\uFEFF'), 'utf-8-bom')).toBe('a\uFEFF')
  })

  it('says which character it does not have', () => {
    expect(unwritable('naïve', 'latin-1')).toBeUndefined()
    expect(unwritable('5 €', 'latin-1')).toBe('€')
    expect(unwritable('5 € “x”', 'windows-1252')).toBeUndefined()
    expect(unwritable('ok 🙂', 'windows-1252')).toBe('🙂')
    expect(unwritable('ok 🙂', 'utf-8')).toBeUndefined()
    expect(unwritable('\uD83D', 'utf-8')).toBe('\uD83D')
  })
})

describe('a text that is read and written unchanged', () => {
  const texts: [name: string, data: Uint8Array][] = [
    ['empty', utf8('')],
    ['LF with a last line end', utf8('a\nb\n')],
    ['LF without one', utf8('a\nb')],
    ['CRLF', utf8('a\r\nb\r\n')],
    ['CR', utf8('a\rb\r')],
    ['mixed', utf8('a\r\nb\nc\rd')],
    ['BOM and CRLF', utf8('\uFEFFa\r\nb')],
    ['UTF-16 LE', encodeText('a\r\nß', 'utf-16le')],
    ['UTF-16 BE', encodeText('a\nß', 'utf-16be')],
    ['Latin-1', Uint8Array.of(0x66, 0xfc, 0x72, 0x0a)],
  ]
  it.each(texts)('%s has the same bytes', (_, data) => {
    const read = readText(data)
    expect(read.keeps).toBe(true)
    expect(writeText(read.text, read)).toEqual(Uint8Array.from(data))
  })

  it('is edited with LF alone, and says where ends are mixed', () => {
    expect(readText(utf8('a\r\nb'))).toMatchObject({ text: 'a\nb', lineEnd: 'crlf' })
    expect(readText(utf8('a\rb'))).toMatchObject({ text: 'a\nb', lineEnd: 'cr' })
    expect(readText(utf8('a\r\nb\n'))).toMatchObject({ text: 'a\r\nb\n', lineEnd: 'mixed' })
    expect(lineEndOf('one line')).toBe('lf')
  })

  it('is known not to keep what means nothing in its encoding', () => {
    const read = (data: Uint8Array, encoding: Encoding) => readText(data, encoding).keeps
    expect(read(Uint8Array.of(0x46, 0xfc), 'utf-8')).toBe(false)
    expect(read(Uint8Array.of(0xff, 0xfe, 0x61), 'utf-16le')).toBe(false)
    expect(read(Uint8Array.of(0x46, 0xfc), 'windows-1252')).toBe(true)
  })
})
