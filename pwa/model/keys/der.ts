import { KeyProblem } from './keyProblem.ts'

/** Tags of X.690 that key files use. */
export const tag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  /** Context-specific, constructed. */
  context: (number: number) => 0xa0 | number,
} as const

/** Reads DER (X.690 §10) element by element. Throws `KeyProblem('key-unreadable')` beyond the end and for other encodings. */
export class DerReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  /** The tag of the next element; undefined at the end. */
  get next(): number | undefined {
    return this.#bytes[this.#at]
  }

  /** The contents of the next element, which must have this tag: a view, not a copy. */
  element(wanted: number): Uint8Array {
    if (this.next !== wanted) throw new KeyProblem('key-unreadable')
    this.#at += 1
    const length = this.#length()
    if (length > this.#bytes.length - this.#at) throw new KeyProblem('key-unreadable')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  sequence(): DerReader {
    return new DerReader(this.element(tag.sequence))
  }

  /** The contents of an INTEGER that is not negative, without leading zeros. */
  integer(): Uint8Array {
    const value = this.element(tag.integer)
    const [first] = value
    if (first === undefined || first > 0x7f) throw new KeyProblem('key-unreadable')
    const from = value.findIndex((byte) => byte !== 0)
    return from < 0 ? value.subarray(value.length) : value.subarray(from)
  }

  /** A small INTEGER, such as a version or a count of rounds. */
  number(): number {
    const value = this.integer()
    if (value.length > 4) throw new KeyProblem('key-too-costly')
    return value.reduce((sum, byte) => sum * 256 + byte, 0)
  }

  /** An OBJECT IDENTIFIER in dots. */
  oid(): string {
    const value = this.element(tag.oid)
    const arcs: number[] = []
    let arc = 0
    for (const byte of value) {
      if (arc > 0xffffff) throw new KeyProblem('key-unreadable')
      arc = arc * 128 + (byte & 0x7f)
      if (byte & 0x80) continue
      if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)))
      else arcs.push(arc)
      arc = 0
    }
    return arcs.join('.')
  }

  /** A BIT STRING of whole bytes. */
  bits(): Uint8Array {
    const value = this.element(tag.bitString)
    if (value[0] !== 0) throw new KeyProblem('key-unreadable')
    return value.subarray(1)
  }

  #length(): number {
    const first = this.#bytes[this.#at]
    this.#at += 1
    if (first === undefined) throw new KeyProblem('key-unreadable')
    if (first < 0x80) return first
    const count = first & 0x7f
    if (count === 0 || count > 3 || this.#at + count > this.#bytes.length) throw new KeyProblem('key-unreadable')
    let length = 0
    for (let index = 0; index < count; index++) length = length * 256 + (this.#bytes[this.#at + index] ?? 0)
    this.#at += count
    return length
  }
}

/** One element of DER around contents. */
export function der(type: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = contents.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const head = [type]
  if (length < 0x80) head.push(length)
  else if (length < 0x100) head.push(0x81, length)
  else if (length < 0x10000) head.push(0x82, length >> 8, length & 0xff)
  else head.push(0x83, length >> 16, (length >> 8) & 0xff, length & 0xff)
  const whole = new Uint8Array(head.length + length)
  whole.set(head)
  let at = head.length
  for (const content of contents) {
    whole.set(content, at)
    at += content.byteLength
  }
  return whole
}

/** An INTEGER of an unsigned big-endian number. */
export function derInteger(value: Uint8Array): Uint8Array<ArrayBuffer> {
  const from = value.findIndex((byte) => byte !== 0)
  const bare = from < 0 ? Uint8Array.of(0) : value.subarray(from)
  return der(tag.integer, (bare[0] ?? 0) > 0x7f ? Uint8Array.of(0, ...bare) : bare)
}

/** An OBJECT IDENTIFIER of at most four bytes an arc, from dots. */
export function derOid(dots: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dots.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80)
    return digits
  })
  return der(tag.oid, Uint8Array.from(bytes))
}
