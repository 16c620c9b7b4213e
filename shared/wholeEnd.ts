const ESC = 0x1b
/** How many bytes of an end are looked at: how far back an escape sequence that is still open may have begun. */
export const REACH = 4096

/**
 * Whether output ends between two characters and outside of an escape sequence, so that a screen drawn from a snapshot
 * can go on from there. It errs towards false. Pure.
 */
export function wholeEnd(data: Uint8Array): boolean {
  return !insideCharacter(data) && !insideSequence(data)
}

/** UTF-8 (RFC 3629 §3): the lead byte says how many follow. */
function insideCharacter(data: Uint8Array): boolean {
  for (let back = 1; back <= Math.min(4, data.length); back++) {
    const byte = data[data.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return back < length
  }
  return false
}

/** ECMA-48 §5.3–5.6: the last ESC begins a sequence that is over when its final byte, or its string's end, has come. */
function insideSequence(data: Uint8Array): boolean {
  const tail = data.subarray(Math.max(0, data.length - REACH))
  const at = tail.lastIndexOf(ESC)
  if (at < 0) return false
  const rest = tail.subarray(at + 1)
  const kind = rest[0]
  if (kind === undefined) return true
  // CSI: parameters and intermediates, then a byte from @ to ~.
  if (kind === 0x5b) return !rest.subarray(1).some((byte) => byte >= 0x40 && byte <= 0x7e)
  // OSC ends with BEL too; DCS, SOS, PM and APC only with ESC \, which would be the last ESC.
  if (kind === 0x5d) return !rest.includes(0x07)
  if (kind === 0x50 || kind === 0x58 || kind === 0x5e || kind === 0x5f) return true
  // Others: intermediates from space to /, then one final byte.
  return !rest.some((byte) => byte >= 0x30 && byte <= 0x7e)
}
