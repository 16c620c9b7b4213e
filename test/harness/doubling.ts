import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** A proxy for HTTP that asks again where it may already have been answered. */
export interface Doubling {
  port: number
  /** Whether it does. */
  doubles: boolean
  /** How many requests it has sent twice. */
  doubled: number
  close(): Promise<void>
}

/**
 * Starts a proxy to a port on loopback that sends every third request with a body twice, as one does whose upstream has hung up
 * before it answered, and gives the second answer. WebSockets it does not know.
 */
export async function startDoubling(target: number): Promise<Doubling> {
  let posts = 0
  const send = (of: IncomingMessage, body: Buffer) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { method, url, headers } = of
      request({ host: '127.0.0.1', port: target, method, path: url, headers }, resolve).on('error', reject).end(body)
    })
  const forward = async (of: IncomingMessage, answer: ServerResponse) => {
    const pieces: Buffer[] = []
    for await (const piece of of) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces)
    if (proxy.doubles && body.length > 0 && ++posts % 3 === 0) {
      proxy.doubled += 1
      const first = await send(of, body)
      first.resume()
    }
    const reply = await send(of, body)
    answer.writeHead(reply.statusCode ?? 502, reply.headers)
    reply.pipe(answer)
  }
  const server = createServer((of, answer) => void forward(of, answer).catch(() => answer.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const proxy: Doubling = {
    port: typeof address === 'object' && address ? address.port : 0,
    doubles: false,
    doubled: 0,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return proxy
}
