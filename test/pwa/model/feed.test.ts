import { describe, expect, it } from 'vitest'
import { Feed } from '../../../pwa/model/feed.ts'
import type { ScreenPort } from '../../../pwa/model/screenPort.ts'

/** A screen that parses a write when it is told to. */
function slowScreen() {
  const writes: { data: Uint8Array; done(): void }[] = []
  const screen = {
    write(data: Uint8Array, rendered: () => void) {
      writes.push({ data, done: rendered })
    },
  }
  return {
    // Of a screen, a feed uses nothing but `write`.
    screen: screen as unknown as ScreenPort,
    sizes: () => writes.map(({ data }) => data.length),
    render: () => writes.shift()?.done(),
  }
}

describe('the feed', () => {
  it('writes at once when the screen is idle and gathers while it is busy', () => {
    const { screen, sizes, render } = slowScreen()
    const feed = new Feed(() => undefined)
    feed.show(screen)
    feed.receive(new Uint8Array(10), 0)
    expect(sizes()).toEqual([10])
    for (let offset = 10; offset < 40; offset += 10) feed.receive(new Uint8Array(10), offset)
    expect(sizes()).toEqual([10])
    render()
    expect(sizes()).toEqual([30])
    expect(feed.rendered).toBe(10)
    expect(feed.received).toBe(40)
  })

  it('has one large write ready behind the one that is parsed, and no more', () => {
    const { screen, sizes } = slowScreen()
    const feed = new Feed(() => undefined)
    feed.show(screen)
    for (let offset = 0; offset < 640_000; offset += 64_000) feed.receive(new Uint8Array(64_000), offset)
    expect(sizes()).toEqual([64_000, 128_000])
  })

  it('holds what arrives without a screen, and shows it on the next', () => {
    const { screen, sizes, render } = slowScreen()
    const feed = new Feed(() => undefined)
    feed.receive(new Uint8Array(10), 0)
    expect(feed.rendered).toBe(0)
    feed.show(screen)
    expect(sizes()).toEqual([10])
    render()
    expect(feed.rendered).toBe(10)
  })

  it('steps over a gap and counts it', () => {
    const { screen, render } = slowScreen()
    const feed = new Feed(() => undefined)
    feed.show(screen)
    feed.receive(new Uint8Array(10), 0)
    expect(feed.receive(new Uint8Array(10), 110)).toEqual({ kind: 'gap', missing: 100 })
    render()
    render()
    render()
    expect(feed.rendered).toBe(120)
  })

  it('N-RPL-06 replays up to where queries were answered, in a write that ends there', () => {
    const { screen, sizes, render } = slowScreen()
    const feed = new Feed(() => undefined)
    feed.start(100)
    feed.mute(130)
    feed.show(screen)
    feed.receive(new Uint8Array(50), 100)
    expect(sizes()).toEqual([30])
    expect(feed.replaying).toBe(true)
    render()
    expect(feed.replaying).toBe(false)
    expect(sizes()).toEqual([20])
    expect(feed.parsing).toBe(150)
    expect(feed.replaying).toBe(false)
  })

  it('is not whole in the middle of a character or a sequence', () => {
    const { screen, render } = slowScreen()
    const feed = new Feed(() => undefined)
    feed.show(screen)
    const receive = (...data: number[]) => {
      feed.receive(Uint8Array.from(data), feed.received)
      render()
    }
    receive(0x61, 0x1b)
    expect(feed.whole).toBe(false)
    receive(0x5b, 0x33)
    expect(feed.whole).toBe(false)
    receive(0x31, 0x6d)
    expect(feed.whole).toBe(true)
    receive(0xe2, 0x82)
    expect(feed.whole).toBe(false)
    receive(0xac)
    expect(feed.whole).toBe(true)
  })
})
