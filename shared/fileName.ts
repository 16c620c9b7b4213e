/**
 * File names are bytes; here they are strings. What is UTF-8 is what it says; every byte that is not becomes one lone
 * surrogate, U+DC80 for 0x80 to U+DCFF for 0xFF, so that any name makes the way through text and back (as Python's PEP 383
 * has it).
 */
const ESCAPE = 0xdc00

/** The string of a name or path: `encodeName` gives these very bytes again. */
export function decodeName(bytes: Uint8Array): string {
  let units: number[] = []
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    const first = bytes[at] as number
    if (length === 0) units.push(ESCAPE + first)
    else if (length === 1) units.push(first)
    else {
      let point = first & (0xff >> (length + 1))
      for (let next = 1; next < length; next++) point = (point << 6) | ((bytes[at + next] as number) & 0x3f)
      if (point < 0x10000) units.push(point)
      else units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff))
    }
    at += length || 1
    if (units.length >= 4096) {
      text += String.fromCharCode(...units)
      units = []
    }
  }
  return text + String.fromCharCode(...units)
}

/** Bytes of the UTF-8 sequence that begins here (RFC 3629 §4); 0 where none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  const second = bytes[at + 1] ?? 0
  // No overlong forms, no surrogates, nothing above U+10FFFF.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return 0
  for (let next = 2; next < length; next++) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

/** The bytes of a name or path; a lone surrogate that stands for no byte becomes U+FFFD, which `isNameText` keeps out. */
export function encodeName(text: string): Uint8Array<ArrayBuffer> {
  return encodeAscii(text) ?? encodePoints(text)
}

/** As most are; undefined where there is more in it. */
function encodeAscii(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x80) return undefined
    bytes[at] = unit
  }
  return bytes
}

function encodePoints(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 3)
  let end = 0
  for (const character of text) {
    const point = character.codePointAt(0) as number
    if (isEscape(point)) bytes[end++] = point - ESCAPE
    else end = putPoint(bytes, end, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point)
  }
  return bytes.slice(0, end)
}

/** Of a string read by code points: whether it is a lone surrogate that stands for a byte. */
function isEscape(point: number): boolean {
  return point >= 0xdc80 && point <= 0xdcff
}

function putPoint(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    bytes[at] = point
    return at + 1
  }
  const length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  for (let next = length - 1; next > 0; next--) bytes[at + next] = 0x80 | ((point >> (6 * (length - 1 - next))) & 0x3f)
  bytes[at] = ((0xf00 >> length) & 0xff) | (point >> (6 * (length - 1)))
  return at + length
}

/** Whether a string can be a path: no NUL, and no lone surrogate but those that stand for a byte. */
export function isNameText(text: string): boolean {
  return !text.includes('\0') && !/[\u{d800}-\u{dc7f}\u{dd00}-\u{dfff}]/u.test(text)
}

/** A piece of a name as it is shown: as it is, or an escape that is to be marked as one. */
export interface NamePart {
  text: string
  /** It stands for what cannot be seen or would change how the rest is read. */
  odd: boolean
}

/**
 * Controls, line and paragraph ends, what changes the direction of writing (Unicode TR9), what takes no room, and bytes that are
 * no UTF-8. Joiners stay where they join: in emoji and in the scripts that need them.
 */
const odd =
  /[\p{Cc}\u{2028}\u{2029}\u{061c}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{d800}-\u{dfff}\u{e0001}-\u{e007f}]|^\p{Z}+|\p{Z}+$|(?! )\p{Zs}/gu

/**
 * A name in pieces that can be shown safely, in order: `\n` and its like as C writes them, bytes as `\xff`, other marks as
 * `\u{202e}`; blanks at either end and unusual ones are marked as well.
 */
export function visibleName(name: string): NamePart[] {
  const parts: NamePart[] = []
  let from = 0
  for (const found of name.matchAll(odd)) {
    if (found.index > from) parts.push({ text: name.slice(from, found.index), odd: false })
    parts.push({ text: Array.from(found[0], escapeOf).join(''), odd: true })
    from = found.index + found[0].length
  }
  if (from < name.length) parts.push({ text: name.slice(from), odd: false })
  return parts
}

const short = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\u001b', '\\e'],
  [' ', '␣'],
])

function escapeOf(character: string): string {
  const known = short.get(character)
  if (known !== undefined) return known
  const point = character.codePointAt(0) as number
  if (isEscape(point)) return `\\x${(point - ESCAPE).toString(16)}`
  if (point < 0x100) return `\\x${point.toString(16).padStart(2, '0')}`
  return `\\u{${point.toString(16)}}`
}
