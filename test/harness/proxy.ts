import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy on loopback. */
export interface Proxy {
  port: number
  /** Breaks what is open, and takes nothing more. */
  close(): Promise<void>
}

/**
 * Starts one.
 * @param target gives the port on loopback that the next connection goes to
 * @param join lets pass what comes from either side
 */
export async function startProxy(target: () => number, join: (near: Socket, far: Socket) => void): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target(), '127.0.0.1')
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
    join(near, far)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Lets everything pass as it is, both ways. */
export function pipeBoth(near: Socket, far: Socket): void {
  near.pipe(far)
  far.pipe(near)
}
