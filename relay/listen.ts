import { createServer, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { type Config, speaksTls } from './config.ts'
import { gatherWrites } from './gatherWrites.ts'
import type { Certificate } from './tls.ts'
import { networks } from './visitor.ts'

/** What is answered until the relay has its password and its parts: a port that is taken must not leave a password that nobody saw. */
const starting = (_: unknown, response: ServerResponse) => response.writeHead(503, { Connection: 'close' }).end()

/** The TCP connections of a server: it does not close those that are in the middle of their TLS handshake. */
const opened = new WeakMap<Server, Set<Socket>>()

/**
 * Listens with or without TLS, and bounds what connections cost before they have said anything. Answers 503 until its
 * listeners are replaced. @throws Error with the `code` of the system
 */
export async function listen(config: Config, certificate: Certificate | undefined): Promise<Server> {
  const { handshakeMs, sockets, socketsPerAddress } = config.limits
  const timeouts = {
    headersTimeout: handshakeMs,
    requestTimeout: 2 * handshakeMs,
    connectionsCheckingInterval: Math.min(1000, handshakeMs),
  }
  const { cert, key } = certificate ?? {}
  const secure = certificate && createTlsServer({ ...timeouts, handshakeTimeout: handshakeMs, cert, key }, starting)
  if (secure) certificate.follow(secure)
  const server = secure ?? createServer(timeouts, starting)
  server.maxConnections = sockets
  const all = new Set<Socket>()
  opened.set(server, all)
  server.on('connection', (socket: Socket) => {
    all.add(socket)
    socket.once('close', () => all.delete(socket))
  })
  server.on(secure ? 'secureConnection' : 'connection', gatherWrites)
  limitSockets(server, socketsPerAddress, networks(config.trustProxy))
  await new Promise<void>((settle, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.bind, () => {
      server.off('error', reject)
      settle()
    })
  })
  return server
}

/** Closes what one address opens beyond its share; a trusted proxy stands for many and is not counted. */
function limitSockets(server: Server, max: number, trusted: (address: string) => boolean): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? ''
    if (trusted(peer)) return
    const count = (open.get(peer) ?? 0) + 1
    if (count > max) {
      socket.destroy()
      return
    }
    open.set(peer, count)
    socket.once('close', () => {
      const left = (open.get(peer) ?? 1) - 1
      if (left > 0) open.set(peer, left)
      else open.delete(peer)
    })
  })
}

/** The address that a browser on this machine opens. */
export function urlOf(config: Config, port: number): string {
  const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }
  const host = everywhere[config.bind] ?? (config.bind.includes(':') ? `[${config.bind}]` : config.bind)
  return `${speaksTls(config) ? 'https' : 'http'}://${host}:${port}/`
}

/** Ends every connection of a server, also those that have said nothing or are in the middle of their TLS handshake. */
export function cutConnections(server: Server): void {
  for (const socket of opened.get(server) ?? []) socket.destroy()
}

/** Closes the port and every connection. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((settle) => {
    server.close(() => settle())
    server.closeAllConnections()
    cutConnections(server)
  })
}
