/** How a text's characters stand in its bytes; `-bom` begins with a byte order mark. */
export type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'latin-1'

/** What separates its lines; `mixed` is more than one of them. */
export type LineEnd = 'lf' | 'crlf' | 'cr' | 'mixed'

/** What a text's bytes say beside its characters, so that it can be written as it was. */
export interface TextFormat {
  encoding: Encoding
  lineEnd: LineEnd
}

/** The encodings as a person knows them. */
export const encodingNames: Record<Encoding, string> = {
  'utf-8': 'UTF-8',
  'utf-8-bom': 'UTF-8 with BOM',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
  'windows-1252': 'Windows-1252',
  'latin-1': 'ISO 8859-1',
}

/** 0x80…0x9F of windows-1252 by WHATWG's index; the five that it leaves open are the controls of Latin-1. */
const high = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'
const highBytes = new Map([...high].map((character, index) => [character.charCodeAt(0), 0x80 + index]))

/**
 * Whether bytes are UTF-16, by their mark or, without one, by NUL in every other byte of what is mostly ASCII.
 */
export function utf16Of(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  const pairs = Math.min(head.length, 4096) >> 1
  if (pairs < 4) return undefined
  const nul = [0, 0]
  for (let at = 0; at < pairs * 2; at++) if (head[at] === 0) nul[at & 1] = (nul[at & 1] ?? 0) + 1
  const [even = 0, odd = 0] = nul
  if (even === 0 && odd > pairs * 0.7) return 'utf-16le'
  if (odd === 0 && even > pairs * 0.7) return 'utf-16be'
  return undefined
}

/** The encoding of bytes: by their mark, else UTF-8 where they are that, else windows-1252, in which every byte means something. */
export function encodingOf(data: Uint8Array, whole = true): Encoding {
  if (data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf) return 'utf-8-bom'
  const wide = utf16Of(data)
  if (wide) return wide
  try {
    // A part may end within a character.
    new TextDecoder('utf-8', { fatal: true }).decode(data, { stream: !whole })
    return 'utf-8'
  } catch {
    return 'windows-1252'
  }
}

/** Characters of bytes as they stand, line ends and all, without a byte order mark. Bytes that mean nothing become U+FFFD. */
export function decodeText(data: Uint8Array, encoding: Encoding): string {
  switch (encoding) {
    case 'utf-8':
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(data)
    case 'utf-8-bom':
      return new TextDecoder('utf-8').decode(data)
    case 'utf-16le':
    case 'utf-16be':
      return decodeWide(data, encoding === 'utf-16le')
    case 'windows-1252':
    case 'latin-1':
      return decodeNarrow(data, encoding === 'latin-1' ? undefined : high)
  }
}

function decodeWide(data: Uint8Array, little: boolean): string {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const parts: string[] = []
  const start = data.length > 1 && view.getUint16(0, little) === 0xfeff ? 2 : 0
  const units: number[] = []
  for (let at = start; at + 1 < data.length; at += 2) {
    units.push(view.getUint16(at, little))
    // More arguments than the stack takes would throw.
    if (units.length === 8192) parts.push(String.fromCharCode(...units.splice(0)))
  }
  return parts.join('') + String.fromCharCode(...units)
}

function decodeNarrow(data: Uint8Array, table: string | undefined): string {
  const parts: string[] = []
  for (let at = 0; at < data.length; at += 8192) {
    const text = String.fromCharCode(...data.subarray(at, at + 8192))
    parts.push(table ? text.replace(/[\x80-\x9f]/g, (one) => table[one.charCodeAt(0) - 0x80] ?? one) : text)
  }
  return parts.join('')
}

/** The first character that an encoding does not have, if there is one. */
export function unwritable(text: string, encoding: Encoding): string | undefined {
  if (encoding === 'latin-1') return text.match(/[^\x00-\xff]/u)?.[0]
  if (encoding === 'windows-1252') {
    return [...new Set(text.match(/[^\x00-\x7f\xa0-\xff]/gu))].find((one) => !highBytes.has(one.codePointAt(0) ?? 0))
  }
  return encoding.startsWith('utf-8') ? text.match(/\p{Surrogate}/u)?.[0] : undefined
}

/** The bytes of a text, with its mark; UTF-16 always has one. What `unwritable` names becomes `?`. */
export function encodeText(text: string, encoding: Encoding): Uint8Array<ArrayBuffer> {
  switch (encoding) {
    case 'utf-8':
      return new TextEncoder().encode(text)
    case 'utf-8-bom':
      return new TextEncoder().encode(`\uFEFF${text}`)
    case 'utf-16le':
    case 'utf-16be':
      return encodeWide(`\uFEFF${text}`, encoding === 'utf-16le')
    case 'windows-1252':
    case 'latin-1': {
      const codes = encoding === 'latin-1' ? undefined : highBytes
      return Uint8Array.from([...text], (one) => narrow(one.codePointAt(0) ?? 0, codes))
    }
  }
}

function narrow(code: number, codes: ReadonlyMap<number, number> | undefined): number {
  const special = codes?.get(code)
  if (special !== undefined) return special
  return code > 0xff || (codes && code >= 0x80 && code < 0xa0) ? 0x3f : code
}

function encodeWide(text: string, little: boolean): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(text.length * 2)
  const view = new DataView(data.buffer)
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), little)
  return data
}

const lineEnds = { lf: '\n', crlf: '\r\n', cr: '\r' } as const

/** What separates the lines of a text; one line without an end counts as `lf`. */
export function lineEndOf(text: string): LineEnd {
  const found = new Set(text.match(/\r\n|\n|\r/g))
  if (found.size > 1) return 'mixed'
  return found.has('\r\n') ? 'crlf' : found.has('\r') ? 'cr' : 'lf'
}

/** A text as it is edited: lines end in LF alone, but where they are mixed they stay as they are. */
function withoutLineEnds(text: string, lineEnd: LineEnd): string {
  return lineEnd === 'mixed' || lineEnd === 'lf' ? text : text.replace(/\r\n|\r/g, '\n')
}

/** A text as it is written. */
function withLineEnds(text: string, lineEnd: LineEnd): string {
  return lineEnd === 'mixed' || lineEnd === 'lf' ? text : text.replaceAll('\n', lineEnds[lineEnd])
}

/** Makes the ends of all lines alike, as they are edited. */
export function evenLineEnds(text: string): string {
  return text.replace(/\r\n|\r/g, '\n')
}

/** A text that was read, and what it takes to write it again. */
export interface ReadText extends TextFormat {
  /** With line ends as they are edited. */
  text: string
  /** Whether writing it unchanged gives the bytes that were read. */
  keeps: boolean
}

/** Reads a whole text. @param encoding as the person chose; else as its bytes say */
export function readText(data: Uint8Array, encoding: Encoding = encodingOf(data)): ReadText {
  const whole = decodeText(data, encoding)
  const lineEnd = lineEndOf(whole)
  const text = withoutLineEnds(whole, lineEnd)
  return { text, encoding, lineEnd, keeps: same(writeText(text, { encoding, lineEnd }), data) }
}

/** The bytes of a text that was edited. */
export function writeText(text: string, { encoding, lineEnd }: TextFormat): Uint8Array<ArrayBuffer> {
  return encodeText(withLineEnds(text, lineEnd), encoding)
}

/** Whether two pieces of data are equal. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
