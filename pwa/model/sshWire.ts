/** What a reader throws for bytes that are not what they should be; its message names the field's kind, never its content. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

const MAX_MPINT = 2048
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads the data types of SSH (RFC 4251 §5) in order; every read may throw `WireError`. */
export class WireReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Bytes that have not been read. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** So many bytes as they are; a view, not a copy. */
  bytes(length: number): Uint8Array {
    if (length > this.left) throw new WireError('The data ends too early')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  byte(): number {
    return this.bytes(1)[0] as number
  }

  /** Stricter than the RFC, which takes any byte but nought for true: whoever signs must be able to tell one text from another. */
  boolean(): boolean {
    const value = this.byte()
    if (value > 1) throw new WireError('This is no boolean')
    return value === 1
  }

  uint32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.bytes(4)
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
  }

  /** A string of bytes with its length; a view, not a copy. */
  string(): Uint8Array {
    return this.bytes(this.uint32())
  }

  /** A string that is UTF-8. */
  text(): string {
    try {
      return utf8.decode(this.string())
    } catch (error) {
      if (error instanceof WireError) throw error
      throw new WireError('The text is not UTF-8')
    }
  }

  /** A number that is not negative, in as few bytes as it takes: big-endian, without the sign byte; at most 2 KiB. */
  mpint(): Uint8Array {
    const value = this.string()
    const [first, second] = value
    if (value.length > MAX_MPINT + 1) throw new WireError('The number is too long')
    if (first === undefined) return value
    if (first >= 0x80) throw new WireError('The number is negative')
    if (first === 0 && (second === undefined || second < 0x80)) throw new WireError('The number has a needless zero')
    return first === 0 ? value.subarray(1) : value
  }

  /** Names with commas between; none where it is empty. */
  nameList(): string[] {
    const text = this.text()
    return text === '' ? [] : text.split(',')
  }

  /** Nothing may follow. */
  end(): void {
    if (this.left > 0) throw new WireError('There is more than there should be')
  }
}

/** Writes the data types of SSH (RFC 4251 §5) one after the other. */
export class WireWriter {
  readonly #parts: Uint8Array[] = []

  /** Bytes as they are. */
  bytes(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    return this
  }

  byte(value: number): this {
    return this.bytes(Uint8Array.of(value))
  }

  boolean(value: boolean): this {
    return this.byte(value ? 1 : 0)
  }

  uint32(value: number): this {
    return this.bytes(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value))
  }

  /** Text is written as UTF-8. */
  string(value: Uint8Array | string): this {
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
    return this.uint32(bytes.length).bytes(bytes)
  }

  /** @param value a number that is not negative, big-endian, of any length */
  mpint(value: Uint8Array): this {
    const first = value.findIndex((byte) => byte !== 0)
    if (first < 0) return this.uint32(0)
    const digits = value.subarray(first)
    const signed = (digits[0] as number) >= 0x80
    this.uint32(digits.length + (signed ? 1 : 0))
    if (signed) this.byte(0)
    return this.bytes(digits)
  }

  nameList(names: readonly string[]): this {
    return this.string(names.join(','))
  }

  /** All that was written, in new memory. */
  done(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of this.#parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

/** Base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = []
  // In pieces, since a function takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x2000) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 0x2000)))
  return btoa(pieces.join(''))
}

/** The bytes of base64 with padding. Throws `WireError`. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    throw new WireError('This is no base64')
  }
}

/** Whether two runs of bytes are the same; not for secrets, since it stops at the first difference. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
