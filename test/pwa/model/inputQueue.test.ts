import { describe, expect, it } from 'vitest'
import { InputQueue } from '../../../pwa/model/inputQueue.ts'
import { thisMoment } from '../../../pwa/model/moment.ts'

const at = thisMoment()
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
    queue.append(new Uint8Array(300 * 1024), at)
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
    queue.append(bytes('hello '), at)
    queue.append(bytes('world'), at)
    takeAll(queue)
    queue.resume(8, 8)
    expect(queue.waiting).toBe(3)
    expect(queue.take()).toEqual({ offset: 8, data: bytes('rld') })
  })

  it('sends again what was taken and could not be sent', () => {
    const queue = new InputQueue()
    queue.append(bytes('abc'), at)
    const piece = queue.take()
    queue.untake(piece?.offset ?? -1)
    expect(queue.take()).toEqual({ offset: 0, data: bytes('abc') })
  })

  it('C-RLY-01 does not believe in more than was sent', () => {
    const queue = new InputQueue()
    queue.append(bytes('abc'), at)
    queue.acknowledged(1_000_000)
    expect(queue.waiting).toBe(3)
    takeAll(queue)
    queue.acknowledged(1_000_000)
    expect(queue.waiting).toBe(0)
    queue.append(bytes('d'), at)
    expect(queue.take()).toEqual({ offset: 3, data: bytes('d') })
  })

  it('counts on from another window’s input', () => {
    const queue = new InputQueue()
    queue.resume(500, 0)
    queue.append(bytes('x'), at)
    expect(queue.take()).toEqual({ offset: 500, data: bytes('x') })
  })

  it('N-RPL-04 finds its own again after another has typed: what the relay had is not sent twice, the rest follows', () => {
    const queue = new InputQueue()
    queue.append(bytes('on its '), at)
    takeAll(queue)
    queue.append(bytes('way'), at)
    // Of seven bytes that were sent the relay had three, before 20 came from another window.
    queue.resume(23, 3)
    const sent = [queue.take(), queue.take()]
    expect(sent).toEqual([
      { offset: 23, data: bytes('its ') },
      { offset: 27, data: bytes('way') },
    ])
  })

  it('keeps what was typed before the first attach of a page', () => {
    const queue = new InputQueue()
    queue.append(bytes('early'), at)
    queue.resume(900, 0)
    expect(queue.take()).toEqual({ offset: 900, data: bytes('early') })
  })

  it('gives back what a person typed, in characters, and not what the terminal replied', () => {
    const queue = new InputQueue()
    queue.append(bytes('für'), at)
    queue.append(bytes('\u001b[1;1R'), at, 77)
    expect(queue.characters).toBe(3)
    expect(queue.unsentCharacters).toBe(3)
    expect(queue.take()).toEqual({ offset: 0, data: bytes('für') })
    expect(queue.take()).toEqual({ offset: 4, data: bytes('\u001b[1;1R'), answers: 77 })
    expect(queue.unsentCharacters).toBe(0)
    queue.resume(1, 1)
    expect(queue.withdraw()).toEqual([bytes('ür')])
    expect(queue.waiting).toBe(0)
    queue.putBack([bytes('ür')], at)
    expect(queue.take()).toEqual({ offset: 1, data: bytes('ür') })
  })

  it('takes nothing rather than a part of too much', () => {
    const queue = new InputQueue()
    expect(queue.append(new Uint8Array(17 * 1024 * 1024), at)).toBe(false)
    expect(queue.waiting).toBe(0)
  })
})
