import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { gatherWrites } from '../../relay/gatherWrites.ts'

/** A stream that notes each call of what is beneath it. */
function noting() {
  const calls: string[][] = []
  const stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      calls.push([chunk.toString()])
      done()
    },
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => chunk.toString()))
      done()
    },
  })
  gatherWrites(stream)
  return { stream, calls }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('what is written in one turn goes in one call, in order; the next turn in another', async () => {
  const { stream, calls } = noting()
  for (const text of ['a', 'b', 'c']) stream.write(text)
  await turn()
  stream.write('d')
  await turn()
  expect(calls).toEqual([['a', 'b', 'c'], ['d']])
})

test('what is written before the end goes out with it, and a callback is told', async () => {
  const { stream, calls } = noting()
  let told = 0
  stream.write('a', () => {
    told += 1
  })
  stream.cork()
  stream.write('b')
  stream.end('c')
  await new Promise((resolve) => stream.once('finish', resolve))
  expect(calls.flat()).toEqual(['a', 'b', 'c'])
  expect(told).toBe(1)
})

test('last words go out, though the socket is destroyed in the same turn', async () => {
  const { stream, calls } = noting()
  stream.write('a')
  stream.write('b')
  stream.destroy()
  await turn()
  expect(calls).toEqual([['a', 'b']])
})
