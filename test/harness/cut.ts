import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy on loopback, for the weather of the network. */
export interface Cut {
  port: number
  /** Breaks every connection now. */
  cut(): void
  /** Breaks every connection once as many more bytes have come from the target: in the middle of whatever that is. */
  cutAfter(bytes: number): void
  /** Whether new connections are let through. */
  open: boolean
  /** While true nothing passes either way and nobody is told, as on a network that drops every packet. */
  silent: boolean
  /** Milliseconds that bytes take on each of the two ways; what is on its way is not held back. */
  delay: number
  /** How many connections have been made. */
  count: number
  close(): Promise<void>
}

/** Starts a proxy to a port on loopback. */
export async function startCut(target: number): Promise<Cut> {
  const sockets = new Set<Socket>()
  let left = Number.POSITIVE_INFINITY
  let silent = false
  const server = createServer((near) => {
    if (!cut.open) {
      near.destroy()
      return
    }
    cut.count += 1
    const far = connect(target, '127.0.0.1')
    near.setNoDelay(true)
    far.setNoDelay(true)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    near.on('data', (chunk) => pass(chunk, near, far))
    far.on('data', (chunk) => {
      if (chunk.length >= left) {
        near.write(chunk.subarray(0, left), () => cut.cut())
        left = Number.POSITIVE_INFINITY
        return
      }
      left -= chunk.length
      pass(chunk, far, near)
    })
    if (silent) for (const socket of [near, far]) socket.pause()
  })
  const pass = (chunk: Buffer, from: Socket, to: Socket) => {
    if (cut.delay > 0) {
      setTimeout(() => to.write(chunk), cut.delay)
      return
    }
    if (to.write(chunk)) return
    from.pause()
    to.once('drain', () => {
      if (!silent) from.resume()
    })
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const cut: Cut = {
    port: typeof address === 'object' && address ? address.port : 0,
    cut() {
      for (const socket of sockets) socket.destroy()
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
      for (const socket of sockets) {
        if (now) socket.pause()
        else socket.resume()
      }
    },
    delay: 0,
    count: 0,
    close() {
      cut.cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return cut
}
