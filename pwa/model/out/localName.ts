import filenamify from 'filenamify/browser'

/** Bytes of UTF-8 that a name may have: what ext4, APFS and NTFS all take. */
const NAME_MAX = 255
/** Longer endings are no endings, and are cut with the rest. */
const ENDING_MAX = 24

const utf8 = new TextEncoder()
const bytesOf = (text: string) => utf8.encode(text).byteLength

/**
 * The name that a file of the server gets on this device: one component that no system takes for something else. What
 * cannot stand is replaced by `_`: separators, control and bidi characters, bytes that are no UTF-8. Names that Windows keeps
 * for devices get a `_`, trailing dots and spaces go, leading dots stay. At most 255 bytes, of which the ending is kept.
 */
export function localName(name: string): string {
  const whole = name.replace(/\p{Surrogate}/gu, '_')
  const safe = filenamify(whole, { replacement: '_', maxLength: Number.POSITIVE_INFINITY })
  return fitting(safe, '')
}

/** `name` with a number before its ending, as in `report (2).pdf`. */
export function numbered(name: string, number: number): string {
  return fitting(name, ` (${number})`)
}

/** `.name.part`, where a file grows until it is whole. */
export function partName(name: string): string {
  return `.${cut(name, NAME_MAX - '..part'.length)}.part`
}

function fitting(name: string, mark: string): string {
  const dot = name.lastIndexOf('.')
  const ending = dot > 0 && bytesOf(name.slice(dot)) <= ENDING_MAX ? name.slice(dot) : ''
  const stem = ending ? name.slice(0, dot) : name
  return cut(stem, NAME_MAX - bytesOf(ending) - bytesOf(mark)) + mark + ending
}

/** As many whole letters as fit into so many bytes. */
function cut(text: string, bytes: number): string {
  if (bytesOf(text) <= bytes) return text
  let kept = ''
  let left = bytes
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    left -= bytesOf(segment)
    if (left < 0) break
    kept += segment
  }
  return kept.replace(/[. ]+$/, '') || '_'
}
