import { expect, it } from 'vitest'
import { failureOf } from '../../../../pwa/model/failure.ts'
import { Blocks } from '../../../../pwa/model/transfers/blocks.ts'
import { noise } from '../../../harness/moving.ts'

const piece = 1000
const data = noise(100_500)

/** A file that counts how often it is read. */
function counted() {
  const file = new File([data as Uint8Array<ArrayBuffer>], 'f')
  const slice = file.slice.bind(file)
  const reads: number[] = []
  file.slice = (from = 0, to = data.length) => {
    reads.push(from)
    return slice(from, to)
  }
  return { file, reads }
}

it.each([0, 1, 333, 99_999])('gives the pieces from %i on, and reads many of them at once', async (from) => {
  const { file, reads } = counted()
  const blocks = new Blocks(file, from, piece)
  const pieces: Promise<Uint8Array>[] = []
  for (let at = from; at < data.length; at += piece) pieces.push(blocks.read(at, Math.min(piece, data.length - at)))
  expect(Buffer.concat(await Promise.all(pieces)).equals(data.subarray(from))).toBe(true)
  expect(reads.length).toBeLessThan(pieces.length / 10 + 3)
  expect(new Set(reads).size).toBe(reads.length)
})

it('says that a file cannot be read any more, at the piece that needs it', async () => {
  const { file } = counted()
  const slice = file.slice.bind(file)
  file.slice = (from = 0, to = data.length) => {
    const part = slice(from, to)
    if (from > 0) part.arrayBuffer = () => Promise.reject(new DOMException('It has changed', 'NotReadableError'))
    return part
  }
  const blocks = new Blocks(file, 0, piece)
  expect(await blocks.read(0, piece)).toHaveLength(piece)
  const later = blocks.read(20 * piece, piece).catch((error: unknown) => failureOf(error).code)
  expect(await later).toBe('source-unreadable')
})
