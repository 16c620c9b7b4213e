import { describe, expect, it } from 'vitest'
import { inPieces, type Piece } from '../../../../pwa/model/transfers/pieces.ts'
import { PieceWindow } from '../../../../pwa/model/transfers/pieceWindow.ts'

/** Pieces that are answered when the test says so. */
function hand() {
  const waiting: (Piece & { done: () => void; fail: (error: Error) => void })[] = []
  const work = (piece: Piece) =>
    new Promise<void>((done, fail) => {
      waiting.push({ ...piece, done, fail })
    })
  return { waiting, work }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a part of a file in pieces', () => {
  const course = { from: 10, to: 35, size: 10, most: () => 2, reached: () => undefined }

  it('counts only what has no hole before it', async () => {
    const { waiting, work } = hand()
    const reached: number[] = []
    const { signal } = new AbortController()
    const all = inPieces({ ...course, signal, reached: (offset) => void reached.push(offset) }, work)
    expect(waiting.map(({ offset, length }) => [offset, length])).toEqual([
      [10, 10],
      [20, 10],
    ])
    waiting[1]?.done()
    await turn()
    expect(reached).toEqual([])
    expect(waiting[2]).toMatchObject({ offset: 30, length: 5 })
    waiting[0]?.done()
    await turn()
    expect(reached).toEqual([30])
    waiting[2]?.done()
    await all
    expect(reached).toEqual([30, 35])
  })

  it('begins nothing after a failure, and waits for nothing', async () => {
    const { waiting, work } = hand()
    const { signal } = new AbortController()
    const all = inPieces({ ...course, signal }, work)
    waiting[0]?.fail(new Error('no'))
    await expect(all).rejects.toThrow('no')
    expect(waiting).toHaveLength(2)
  })

  it('ends at once with an abort, and what comes late counts for nothing', async () => {
    const { waiting, work } = hand()
    const stop = new AbortController()
    const reached: number[] = []
    const all = inPieces({ ...course, signal: stop.signal, reached: (offset) => void reached.push(offset) }, work)
    stop.abort(new Error('enough'))
    await expect(all).rejects.toThrow('enough')
    waiting[0]?.done()
    await turn()
    expect(reached).toEqual([])
  })
})

describe('how many are on their way', () => {
  it('are more while the answers are prompt, and fewer when they get slow', () => {
    const window = new PieceWindow()
    expect(window.size).toBe(8)
    for (let at = 0; at < 200; at++) window.took(20)
    expect(window.size).toBe(16)
    for (let at = 0; at < 200; at++) window.took(2_000)
    expect(window.size).toBe(2)
  })
})
