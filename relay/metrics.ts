import { createServer, type Server } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { isLoopback } from './config.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import { Sftp } from './sftp.ts'
import type { Tally } from './tally.ts'

/** What the metrics are drawn from. */
export interface MetricsSources {
  version: string
  tally: Tally
  sessions: Sessions
  /** Sockets that are open. */
  sockets(): number
}

/** The relay's metrics in the text format of Prometheus. They name no host, no user and no session. */
export class Metrics {
  readonly #registry = new Registry()

  constructor({ version, tally, sessions, sockets }: MetricsSources) {
    const registers = [this.#registry]
    const gauge = (name: string, help: string, collect: (gauge: Gauge) => void) =>
      new Gauge({
        name: `fairlead_${name}`,
        help,
        registers,
        collect() {
          this.reset()
          collect(this)
        },
      })
    const counter = (name: string, help: string, label: string, values: () => Iterable<[string, number]>) =>
      new Counter({
        name: `fairlead_${name}_total`,
        help,
        labelNames: [label],
        registers,
        collect() {
          this.reset()
          for (const [value, count] of values()) this.inc({ [label]: value }, count)
        },
      })
    new Gauge({ name: 'fairlead_build_info', help: 'Always 1', labelNames: ['version'], registers }).set({ version }, 1)
    new Gauge({
      name: 'fairlead_sessions',
      help: 'Sessions by kind and state',
      labelNames: ['kind', 'state'],
      registers,
      collect() {
        this.reset()
        for (const kind of ['shell', 'sftp'])
          for (const state of ['connecting', 'prompting', 'open', 'detached']) this.set({ kind, state }, 0)
        for (const session of sessions.all)
          this.inc({ kind: session instanceof Sftp ? 'sftp' : 'shell', state: session.state })
      },
    })
    const sum = (of: (session: Session) => number) =>
      [...sessions.all].reduce((total, session) => total + of(session), 0)
    gauge('sockets', 'Sockets that are open', (own) => own.set(sockets()))
    gauge('attachments', 'Sessions that a socket has', (own) => own.set(sum((session) => (session.peer ? 1 : 0))))
    gauge('prompts', 'Questions that wait for an answer', (own) => own.set(sum((session) => session.prompts.size)))
    gauge('log_bytes', 'Bytes of output and screens that are kept', (own) => own.set(sum((session) => session.memory)))
    counter('connects', 'Connects by outcome: open, or the code of the failure', 'outcome', () => tally.connects)
    counter('sessions_ended', 'Sessions that had been open, by why they ended', 'reason', () => tally.ends)
    counter('limits_hit', 'Requests that a limit refused, by the code of the failure', 'limit', () => tally.limits)
    counter('downloads', 'Files fetched by the browser itself, by how it came out', 'outcome', () => tally.downloads)
    counter('session_bytes', 'Bytes from hosts (out) and to them (in)', 'direction', () => [
      ['out', tally.bytes.out + sum((session) => session.outputBytes)],
      ['in', tally.bytes.in + sum((session) => session.inputBytes)],
    ])
    collectDefaultMetrics({ register: this.#registry })
  }

  /** The content type of `text`. */
  get type(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}

/** Serves `/metrics` to this machine alone, without a token. @throws Error with the `code` of the system */
export async function serveMetrics(port: number, metrics: () => Promise<Metrics>): Promise<Server> {
  const server = createServer({ headersTimeout: 5000, requestTimeout: 5000 }, (request, response) => {
    const answer = (status: number, text: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(text)
    // A name that somebody has bound to this address would let his page read it.
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    if (host !== 'localhost' && !isLoopback(host)) return answer(421, 'misdirected\n')
    if (request.method !== 'GET' || request.url !== '/metrics') return answer(404, 'not found\n')
    metrics().then(
      async (found) => answer(200, await found.text(), found.type),
      () => answer(500, 'internal\n'),
    )
    return undefined
  })
  server.maxConnections = 16
  await new Promise<void>((settle, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new Error(`--metrics-port: port ${port} is in use; choose another`) : error),
    )
    server.listen(port, '127.0.0.1', () => {
      server.removeAllListeners('error')
      settle()
    })
  })
  return server
}
