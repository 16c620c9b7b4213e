import { expect, test } from 'vitest'
import { OutputLog } from '../../relay/outputLog.ts'

const period = Buffer.from(Array.from({ length: 251 }, (_, index) => index))

/** The stream whose byte at offset n is n mod 251. */
function stream(from: number, length: number): Buffer {
  return length === 0
    ? Buffer.alloc(0)
    : Buffer.alloc(length, Buffer.concat([period.subarray(from % 251), period]).subarray(0, 251))
}

test('every kept byte is found at its offset, whatever the pieces', () => {
  for (const max of [1, 7, 1000, 16 * 1024, 50_000, 64 * 1024]) {
    const log = new OutputLog(max)
    let seed = max
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    for (let turn = 0; turn < 200; turn++) {
      const length = random(turn % 10 === 0 ? max * 3 : 3000)
      log.append(stream(log.end, length))
      expect(log.end - log.start).toBeLessThanOrEqual(max)
      expect(log.start).toBe(Math.max(0, Math.min(log.start, log.end)))
      expect(log.read(log.start, max).equals(stream(log.start, log.end - log.start))).toBe(true)
      const from = log.start + random(log.end - log.start + 1)
      const some = random(5000)
      expect(log.read(from, some).equals(stream(from, Math.min(some, log.end - from)))).toBe(true)
    }
    expect(log.end - log.start).toBe(max)
  }
})

test('it grows with what it holds, and evicts nothing before it is as large as it may be', () => {
  const log = new OutputLog(1024 * 1024)
  expect(log.size).toBe(16 * 1024)
  log.append(stream(0, 100_000))
  expect(log.start).toBe(0)
  expect(log.size).toBeLessThanOrEqual(128 * 1024)
  log.append(stream(100_000, 900_000))
  expect(log.start).toBe(0)
  expect(log.read(0, 1_000_000).equals(stream(0, 1_000_000))).toBe(true)
})

test('what was read does not change when the ring goes round', () => {
  const log = new OutputLog(16)
  log.append(Buffer.from('0123456789abcdef'))
  const read = log.read(0, 16)
  log.append(Buffer.from('XXXXXXXX'))
  expect(read.toString()).toBe('0123456789abcdef')
})
