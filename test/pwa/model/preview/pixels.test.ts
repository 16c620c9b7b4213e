import { describe, expect, it } from 'vitest'
import { fits, pixelsOf } from '../../../../pwa/model/preview/pixels.ts'

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : part)))

const png = (width: number[], height: number[]) => bytes('\x89PNG\r\n\x1a\n', [0, 0, 0, 13], 'IHDR', width, height)

describe('the size of a picture', () => {
  it('S-NAM-04 is read from its header, so that 65,535 × 65,535 pixels are never decoded', () => {
    const bomb = pixelsOf(png([0, 0, 0xff, 0xff], [0, 0, 0xff, 0xff]), 'image/png')
    expect(bomb).toEqual({ width: 65_535, height: 65_535 })
    expect(bomb && fits(bomb)).toBe(false)
    const usual = pixelsOf(png([0, 0, 4, 0], [0, 0, 3, 0]), 'image/png')
    expect(usual).toEqual({ width: 1024, height: 768 })
    expect(usual && fits(usual)).toBe(true)
    expect(fits({ width: 0, height: 5 })).toBe(false)
  })

  it('is found in every format that is shown', () => {
    expect(pixelsOf(bytes('GIF89a', [2, 1, 3, 0]), 'image/gif')).toEqual({ width: 258, height: 3 })
    const exif = bytes([0xff, 0xd8, 0xff, 0xe1, 0, 6, 1, 2, 3, 4, 0xff, 0xff, 0xc2, 0, 17, 8, 1, 0, 2, 0, 3])
    expect(pixelsOf(exif, 'image/jpeg')).toEqual({ width: 512, height: 256 })
    const riff = (...rest: (string | number[])[]) => bytes('RIFF', [0, 0, 0, 0], 'WEBP', ...rest)
    expect(pixelsOf(riff('VP8X', [10, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 19, 0, 0]), 'image/webp')).toEqual({
      width: 10,
      height: 20,
    })
    expect(pixelsOf(riff('VP8L', [0, 0, 0, 0, 0x2f, 9, 0xc0, 4, 0]), 'image/webp')).toEqual({ width: 10, height: 20 })
    const lossy = riff('VP8 ', [0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 7, 0, 8, 0])
    expect(pixelsOf(lossy, 'image/webp')).toEqual({ width: 7, height: 8 })
    const info = [40, 0, 0, 0, 5, 0, 0, 0, 0xfa, 0xff, 0xff, 0xff]
    expect(pixelsOf(bytes('BM', Array(12).fill(0), info), 'image/bmp')).toEqual({ width: 5, height: 6 })
    const icon = bytes([0, 0, 1, 0, 1, 0], Array(12).fill(0), [22, 0, 0, 0], [...png([0, 0, 1, 0], [0, 0, 1, 0])])
    expect(pixelsOf(icon, 'image/x-icon')).toEqual({ width: 256, height: 256 })
    const avif = bytes([0, 0, 0, 20], 'ispe', [0, 0, 0, 0], [0, 0, 0, 9], [0, 0, 0, 8], [0, 0, 0, 0])
    expect(pixelsOf(avif, 'image/avif')).toEqual({ width: 9, height: 8 })
  })

  it('is not known where the header is cut off or says nothing', () => {
    expect(pixelsOf(bytes('\x89PNG\r\n\x1a\n'), 'image/png')).toBeUndefined()
    expect(pixelsOf(bytes([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff]), 'image/jpeg')).toBeUndefined()
    expect(pixelsOf(bytes([0, 0, 1, 0, 0, 0]), 'image/x-icon')).toBeUndefined()
    expect(pixelsOf(bytes('abc'), 'text/html')).toBeUndefined()
  })
})
