/** How wide and high a picture says that it is, in pixels. */
export interface Pixels {
  width: number
  height: number
}

/** Pixels of a picture that is decoded: four bytes each. What has more could take the page's memory. */
export const mostPixels = 100_000_000

/** What a picture's own header says of its size, without decoding it; undefined where it cannot be told. */
export function pixelsOf(data: Uint8Array, type: string): Pixels | undefined {
  try {
    return readers[type]?.(new DataView(data.buffer, data.byteOffset, data.byteLength))
  } catch (error) {
    // A header that goes on beyond the data.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Whether a picture may be decoded: its size is known and bounded. */
export function fits({ width, height }: Pixels): boolean {
  return width > 0 && height > 0 && width * height <= mostPixels
}

const readers: Record<string, (view: DataView) => Pixels | undefined> = {
  // PNG, §11.2.2: IHDR comes first.
  'image/png': (view) => ({ width: view.getUint32(16), height: view.getUint32(20) }),
  'image/gif': (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  'image/jpeg': jpeg,
  'image/webp': webp,
  'image/bmp': (view) => bitmap(view, 14),
  'image/x-icon': icon,
  'image/avif': avif,
}

/** ITU-T T.81 §B.1.1.4: segments up to the first frame header. */
function jpeg(view: DataView): Pixels | undefined {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return undefined
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) at += 1
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    } else at += 2 + view.getUint16(at + 2)
  }
}

function webp(view: DataView): Pixels | undefined {
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
  switch (view.getUint32(12)) {
    case 0x56503820: // "VP8 ": RFC 6386 §9.1
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    case 0x5650384c: {
      // "VP8L"
      const bits = view.getUint32(21, true)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 0x56503858: // "VP8X"
      return { width: uint24(24) + 1, height: uint24(27) + 1 }
    default:
      return undefined
  }
}

function bitmap(view: DataView, at: number): Pixels | undefined {
  const size = view.getUint32(at, true)
  if (size === 12) return { width: view.getUint16(at + 4, true), height: view.getUint16(at + 6, true) }
  if (size < 40) return undefined
  return { width: Math.abs(view.getInt32(at + 4, true)), height: Math.abs(view.getInt32(at + 8, true)) }
}

/** The largest of an icon's pictures, each of which is a PNG or a bitmap without its file header. */
function icon(view: DataView): Pixels | undefined {
  const count = view.getUint16(4, true)
  const found: Pixels[] = []
  for (let index = 0; index < count; index++) {
    const at = view.getUint32(6 + index * 16 + 12, true)
    const isPng = view.getUint32(at) === 0x89504e47
    const one = isPng ? { width: view.getUint32(at + 16), height: view.getUint32(at + 20) } : bitmap(view, at)
    if (!one) return undefined
    found.push(one)
  }
  return largest(found)
}

/** Every `ispe` property (ISO/IEC 23008-12 §6.5.3): the whole and its tiles. */
function avif(view: DataView): Pixels | undefined {
  const found: Pixels[] = []
  const end = Math.min(view.byteLength - 16, 64 * 1024)
  for (let at = 0; at < end; at++) {
    if (view.getUint32(at) === 0x69737065)
      found.push({ width: view.getUint32(at + 8), height: view.getUint32(at + 12) })
  }
  return largest(found)
}

function largest(found: readonly Pixels[]): Pixels | undefined {
  return found.toSorted((a, b) => b.width * b.height - a.width * a.height)[0]
}
