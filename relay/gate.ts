import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { Refusal } from '../shared/failure.ts'
import { answerOf } from './http.ts'
import type { Log } from './log.ts'
import { type House, judgeVisitor, type Visitor } from './visitor.ts'

/** Fields of one request; more are refused (Node itself only drops what is beyond its bound). */
const HEADERS_MAX = 64

/** What every request and every upgrade passes before anything else looks at it. */
export class Gate {
  /** Refuses new sessions with 503; requests of sockets that are open still pass. */
  draining = false
  /** Where Socket.IO servers listen. */
  readonly socketPaths: string[] = ['/socket.io/']
  readonly #house: House
  readonly #visitors = new WeakMap<IncomingMessage, Visitor>()

  constructor(house: House) {
    this.#house = house
  }

  /** Whether a Socket.IO server listens at this URL. */
  isSocketIo(url = ''): boolean {
    return this.socketPaths.some((path) => url.startsWith(path))
  }

  /** Who asks. @throws Refusal where a request may not be answered */
  visitorOf(request: IncomingMessage): Visitor {
    const known = this.#visitors.get(request)
    if (known) return known
    const visitor = this.#judge(request)
    this.#visitors.set(request, visitor)
    return visitor
  }

  #judge(request: IncomingMessage): Visitor {
    if (request.rawHeaders.length > 2 * HEADERS_MAX) throw new Refusal('too-large')
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    // Only the one canonical form of a path: nothing after this line has to agree on how another is to be read.
    if (!/^\/$|^(\/[\w~@+-][\w.~@+-]*)+\/?$|^\/ssh\/host\/[\da-f:.]+$/i.test(path)) throw new Refusal('not-found')
    const socketIo = this.isSocketIo(path)
    if (this.draining && !(socketIo && /(^|&)sid=/.test(query))) throw new Refusal('draining')
    if (path === '/healthz')
      return { peer: request.socket.remoteAddress ?? '', secure: this.#house.tls, tokenNeeded: false }
    return judgeVisitor(request, this.#house, socketIo || /^\/(api|ssh\/config)(\/|$)/.test(path))
  }
}

/** Socket.IO has put its own listeners in place; both they and the pages are reached through the gate only. */
export function putGateInFront(
  server: Server,
  gate: Gate,
  pages: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  log: Log,
): void {
  const [socketIo] = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[]
  const upgrades = server.listeners('upgrade') as ((request: IncomingMessage, socket: Duplex, head: Buffer) => void)[]
  server.removeAllListeners('request')
  server.removeAllListeners('upgrade')
  const pass = (request: IncomingMessage): Refusal | undefined => {
    try {
      gate.visitorOf(request)
      return undefined
    } catch (error) {
      if (error instanceof Refusal) return error
      log('bug', { where: 'gate', error: String((error as Error).stack) })
      return new Refusal('internal')
    }
  }
  server.on('request', (request, response) => {
    // Pages answer a refusal themselves, with their headers.
    if (gate.isSocketIo(request.url) && !pass(request)) socketIo?.(request, response)
    else void pages(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    const refusal = pass(request) ?? (gate.isSocketIo(request.url) ? undefined : new Refusal('not-found'))
    if (refusal) refuseUpgrade(socket, refusal)
    else for (const upgrade of upgrades) upgrade(request, socket, head)
  })
}

/** Answers an upgrade that may not be, and closes its connection. */
function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const { status, headers, body } = answerOf(refusal)
  const fields = { ...headers, Connection: 'close', 'Content-Length': String(Buffer.byteLength(body)) }
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`, () => socket.destroy())
}
