import { connect, createServer, type Socket } from 'node:net'
import { chance } from './chance.ts'

/** A TCP proxy on loopback, for the weather of the network. */
export interface Cut {
  port: number
  /** Breaks every connection now. */
  cut(): void
  /** Breaks every connection once as many more bytes have come from the target: in the middle of whatever that is. */
  cutAfter(bytes: number): void
  /** Whether new connections are let through. */
  open: boolean
  /**
   * While true nothing passes either way and nobody is told, as on a network that drops every packet; or nothing passes
   * `there`, to the target, or `back`.
   */
  silent: boolean | 'there' | 'back'
  /** Milliseconds that bytes take on each of the two ways; what is on its way is not held back. */
  delay: number
  /** Milliseconds that they take longer at most, by chance; they stay in order. */
  jitter: number
  /** How many of a hundred pieces are lost, so that they and all behind them come a third of a second later. */
  stalls: number
  /** How many connections have been made. */
  count: number
  close(): Promise<void>
}

/** Milliseconds after which TCP sends a lost piece again, on a line like those that are tested. */
const AGAIN_MS = 300

/** Starts a proxy to a port on loopback. */
export async function startCut(target: number): Promise<Cut> {
  const sockets = new Map<Socket, 'there' | 'back'>()
  const random = chance(target)
  let left = Number.POSITIVE_INFINITY
  let silent: Cut['silent'] = false
  const isSilent = (way: 'there' | 'back') => silent === true || silent === way
  const server = createServer((near) => {
    if (!cut.open) {
      near.destroy()
      return
    }
    cut.count += 1
    const far = connect(target, '127.0.0.1')
    near.setNoDelay(true)
    far.setNoDelay(true)
    for (const [one, other, way] of [
      [near, far, 'there'],
      [far, near, 'back'],
    ] as const) {
      sockets.set(one, way)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      if (isSilent(way)) one.pause()
    }
    const there = way(near, far)
    const back = way(far, near)
    near.on('data', there)
    let over = false
    far.on('data', (chunk) => {
      // Nothing may come behind a hole.
      if (over) return
      const last = chunk.length >= left
      const whole = last ? chunk.subarray(0, left) : chunk
      left = last ? Number.POSITIVE_INFINITY : left - chunk.length
      over = last
      back(whole, last ? () => cut.cut() : undefined)
    })
  })
  const way = (from: Socket, to: Socket) => {
    /** When what was sent last arrives. */
    let last = 0
    const late: Buffer[] = []
    return (chunk: Buffer, written?: () => void) => {
      if (cut.delay > 0 || late.length > 0) {
        const lost = random(10_000) < cut.stalls * 100
        const due = performance.now() + cut.delay + random(cut.jitter + 1) + (lost ? AGAIN_MS : 0)
        last = Math.max(last, due)
        late.push(chunk)
        // Whichever timer comes first, the oldest goes first.
        setTimeout(() => to.write(late.shift() ?? '', written), last - performance.now())
        return
      }
      if (to.write(chunk, written)) return
      from.pause()
      to.once('drain', () => {
        if (!isSilent(sockets.get(from) ?? 'there')) from.resume()
      })
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const cut: Cut = {
    port: typeof address === 'object' && address ? address.port : 0,
    cut() {
      for (const socket of sockets.keys()) socket.destroy()
    },
    cutAfter(bytes) {
      left = bytes
    },
    open: true,
    get silent() {
      return silent
    },
    set silent(now) {
      silent = now
      for (const [socket, way] of sockets) {
        if (isSilent(way)) socket.pause()
        else socket.resume()
      }
    },
    delay: 0,
    jitter: 0,
    stalls: 0,
    count: 0,
    close() {
      cut.cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return cut
}
