import { describe, expect, test } from 'vitest'
import { fromBase64, sameBytes, toBase64, WireError, WireReader, WireWriter } from '../../../pwa/model/sshWire.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)

test('what is written is read again', () => {
  const written = new WireWriter()
    .byte(7)
    .boolean(true)
    .boolean(false)
    .uint32(0xfffffffe)
    .string('Zoë \u0000')
    .string(bytes(1, 2))
    .mpint(bytes(0, 0, 0x80, 1))
    .nameList(['a', 'b@c'])
    .nameList([])
    .bytes(bytes(9))
    .done()
  const reader = new WireReader(written)
  expect(reader.byte()).toBe(7)
  expect(reader.boolean()).toBe(true)
  expect(reader.boolean()).toBe(false)
  expect(reader.uint32()).toBe(0xfffffffe)
  expect(reader.text()).toBe('Zoë \u0000')
  expect(reader.string()).toEqual(bytes(1, 2))
  expect(reader.mpint()).toEqual(bytes(0x80, 1))
  expect(reader.nameList()).toEqual(['a', 'b@c'])
  expect(reader.nameList()).toEqual([])
  expect(reader.left).toBe(1)
  expect(() => reader.end()).toThrow(WireError)
  expect(reader.byte()).toBe(9)
  reader.end()
})

test.each<[name: string, value: Uint8Array, written: Uint8Array]>([
  ['nought', bytes(), bytes(0, 0, 0, 0)],
  ['noughts', bytes(0, 0), bytes(0, 0, 0, 0)],
  ['the highest without a sign byte', bytes(0x7f), bytes(0, 0, 0, 1, 0x7f)],
  ['the lowest with one', bytes(0x80), bytes(0, 0, 0, 2, 0, 0x80)],
  ['RFC 4251’s', bytes(9, 0xa3, 0x78), bytes(0, 0, 0, 3, 9, 0xa3, 0x78)],
])('numbers are written in as few bytes as they take: %s', (_name, value, written) => {
  expect(new WireWriter().mpint(value).done()).toEqual(written)
})

describe('what is not written so is not read', () => {
  test.each<[name: string, data: Uint8Array, read: (reader: WireReader) => unknown]>([
    ['a byte of nothing', bytes(), (reader) => reader.byte()],
    ['a number cut short', bytes(0, 0, 0), (reader) => reader.uint32()],
    ['a string cut short', bytes(0, 0, 0, 2, 1), (reader) => reader.string()],
    ['a string of 4 GiB', bytes(255, 255, 255, 255, 1), (reader) => reader.string()],
    ['a boolean of 2', bytes(2), (reader) => reader.boolean()],
    ['a text that is not UTF-8', bytes(0, 0, 0, 1, 0xff), (reader) => reader.text()],
    ['an overlong slash', bytes(0, 0, 0, 2, 0xc0, 0xaf), (reader) => reader.text()],
    ['a negative number', bytes(0, 0, 0, 1, 0x80), (reader) => reader.mpint()],
    ['a number with a needless zero', bytes(0, 0, 0, 2, 0, 1), (reader) => reader.mpint()],
    ['a zero that is written out', bytes(0, 0, 0, 1, 0), (reader) => reader.mpint()],
    [
      'a number that is too long',
      new WireWriter().string(new Uint8Array(3000).fill(1)).done(),
      (reader) => reader.mpint(),
    ],
  ])('%s', (_name, data, read) => {
    expect(() => read(new WireReader(data))).toThrow(WireError)
  })
})

test('base64 of any length goes there and back, and what is none is refused', () => {
  for (const length of [0, 1, 2, 3, 70_000]) {
    const data = Uint8Array.from({ length }, (_, at) => at * 7)
    expect(toBase64(data)).toBe(Buffer.from(data).toString('base64'))
    // Compared as bytes: thousands of numbers one by one take seconds.
    expect(Buffer.compare(fromBase64(toBase64(data)), data)).toBe(0)
  }
  expect(() => fromBase64('A')).toThrow(WireError)
  expect(() => fromBase64('!!!!')).toThrow(WireError)
})

test('bytes are compared whole', () => {
  expect(sameBytes(bytes(1, 2), bytes(1, 2))).toBe(true)
  expect(sameBytes(bytes(1, 2), bytes(1, 3))).toBe(false)
  expect(sameBytes(bytes(1), bytes(1, 0))).toBe(false)
})
