/** Signatures and sizes of the ends of a zip file (APPNOTE.TXT 6.3.10, §4.3.14 to §4.3.16). */
const END = { signature: 0x06054b50, bytes: 22 }
const END64 = { signature: 0x06064b50, bytes: 56 }
const LOCATOR = { signature: 0x07064b50, bytes: 20 }
const COUNT_MAX = 0xffff
/** Version 4.5, which knows ZIP64; made on Unix. */
const MADE_BY = 0x032d
const NEEDED = 45

/**
 * The parts of a zip as client-zip 2.5 makes them, with what it leaves out: with more than 65,534 entries it writes a ZIP64
 * end only if the archive is larger than 4 GiB, and readers would see 65,535 entries. @param count how many entries there are
 */
export async function* wholeZip(
  parts: AsyncIterable<Uint8Array>,
  count: () => number,
): AsyncGenerator<Uint8Array, void, undefined> {
  // The last part is the end; its neighbour before tells whether a ZIP64 end is there.
  let before: Uint8Array | undefined
  let last: Uint8Array | undefined
  for await (const part of parts) {
    if (before) yield before
    before = last
    last = part
  }
  if (before) yield before
  if (!last) return
  if (count() >= COUNT_MAX && !(before && isEnd64(before))) yield end64(last, count())
  yield last
}

const view = (part: Uint8Array) => new DataView(part.buffer, part.byteOffset, part.byteLength)

function isEnd64(part: Uint8Array): boolean {
  return part.byteLength === END64.bytes + LOCATOR.bytes && view(part).getUint32(0, true) === END64.signature
}

/** The ZIP64 end and its locator, by what the plain end says of the directory. */
function end64(end: Uint8Array, count: number): Uint8Array {
  const plain = view(end)
  if (end.byteLength !== END.bytes || plain.getUint32(0, true) !== END.signature)
    throw new Error('This is no end of a zip')
  const size = BigInt(plain.getUint32(12, true))
  const offset = BigInt(plain.getUint32(16, true))
  const whole = new Uint8Array(END64.bytes + LOCATOR.bytes)
  const ends = view(whole)
  ends.setUint32(0, END64.signature, true)
  // What follows in the record.
  ends.setBigUint64(4, BigInt(END64.bytes - 12), true)
  ends.setUint16(12, MADE_BY, true)
  ends.setUint16(14, NEEDED, true)
  ends.setBigUint64(24, BigInt(count), true)
  ends.setBigUint64(32, BigInt(count), true)
  ends.setBigUint64(40, size, true)
  ends.setBigUint64(48, offset, true)
  ends.setUint32(END64.bytes, LOCATOR.signature, true)
  ends.setBigUint64(END64.bytes + 8, offset + size, true)
  ends.setUint32(END64.bytes + 16, 1, true)
  return whole
}
