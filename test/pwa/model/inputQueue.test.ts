import { describe, expect, it } from 'vitest'
import { InputQueue } from '../../../pwa/model/inputQueue.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function takeAll(queue: InputQueue): { offset: number; length: number }[] {
  const taken = []
  for (let piece = queue.take(); piece; piece = queue.take())
    taken.push({ offset: piece.offset, length: piece.data.length })
  return taken
}

describe('the input queue', () => {
  it('sends pieces of 32 KiB, at most 256 KiB before the relay has acknowledged', () => {
    const queue = new InputQueue()
    queue.append(new Uint8Array(300 * 1024))
    const first = takeAll(queue)
    expect(first).toHaveLength(8)
    expect(first.every(({ length }) => length === 32 * 1024)).toBe(true)
    queue.acknowledged(64 * 1024)
    expect(takeAll(queue)).toEqual([
      { offset: 256 * 1024, length: 32 * 1024 },
      { offset: 288 * 1024, length: 12 * 1024 },
    ])
    expect(queue.waiting).toBe(236 * 1024)
  })

  it('goes on from the byte that the relay does not have', () => {
    const queue = new InputQueue()
    queue.append(bytes('hello '))
    queue.append(bytes('world'))
    takeAll(queue)
    queue.resume(8)
    expect(queue.waiting).toBe(3)
    expect(queue.take()).toEqual({ offset: 8, data: bytes('rld') })
  })

  it('sends again what was taken and could not be sent', () => {
    const queue = new InputQueue()
    queue.append(bytes('abc'))
    const piece = queue.take()
    queue.untake(piece?.offset ?? -1)
    expect(queue.take()).toEqual({ offset: 0, data: bytes('abc') })
  })

  it('C-RLY-01 does not believe in more than was sent', () => {
    const queue = new InputQueue()
    queue.append(bytes('abc'))
    queue.acknowledged(1_000_000)
    expect(queue.waiting).toBe(3)
    takeAll(queue)
    queue.acknowledged(1_000_000)
    expect(queue.waiting).toBe(0)
    queue.append(bytes('d'))
    expect(queue.take()).toEqual({ offset: 3, data: bytes('d') })
  })

  it('counts on from another window’s input', () => {
    const queue = new InputQueue()
    queue.resume(500)
    queue.append(bytes('x'))
    expect(queue.take()).toEqual({ offset: 500, data: bytes('x') })
  })

  it('takes nothing rather than a part of too much', () => {
    const queue = new InputQueue()
    expect(queue.append(new Uint8Array(17 * 1024 * 1024))).toBe(false)
    expect(queue.waiting).toBe(0)
  })
})
