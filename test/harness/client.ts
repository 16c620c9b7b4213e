import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { io, type Socket } from 'socket.io-client'
import {
  type Ack,
  type Answer,
  attachBytes,
  authoriseBytes,
  type ClientEvent,
  type Prompt,
  type ServerEvent,
  type ServerPayload,
  type SessionFailure,
  serverEventNames,
} from '../../shared/protocol.ts'

interface Seen {
  event: ServerEvent
  payload: unknown
  used: boolean
}

/** What an acknowledgement said, as an exception. */
export class Refused extends Error {
  readonly failure: SessionFailure
  constructor(failure: SessionFailure) {
    super(`${failure.code}: ${failure.message}`)
    this.failure = failure
  }
}

/** Options of Socket.IO's client. */
export type ClientOptions = NonNullable<Parameters<typeof io>[1]>

/** A bare Socket.IO client of the relay that keeps what it hears, so that a test can wait for facts in any order. */
export class Client {
  readonly socket: Socket
  /** Answers prompts by itself; undefined leaves them open. */
  onPrompt: ((prompt: Prompt) => Answer | undefined) | undefined
  /** Acknowledges all output as if it were rendered at once. */
  acknowledges = false
  /** Whether the socket was open and is no more. */
  gone = false
  readonly #seen: Seen[] = []
  readonly #waiting = new Set<() => void>()

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = io(url, { forceNew: true, reconnection: false, transports: ['websocket'], ...options })
    for (const event of serverEventNames) {
      this.socket.on(event, (payload: unknown) => {
        this.#seen.push({ event, payload, used: false })
        if (event === 'ssh-data' && this.acknowledges) this.#acknowledge(payload as ServerPayload<'ssh-data'>)
        if (event === 'ssh-prompt') this.#answer(payload as ServerPayload<'ssh-prompt'>)
        for (const wake of [...this.#waiting]) wake()
      })
    }
    this.socket.on('disconnect', () => {
      this.gone = true
      for (const wake of [...this.#waiting]) wake()
    })
  }

  /** Connects and waits for the relay's first event. */
  static async open(url: string, options: ClientOptions = {}): Promise<Client> {
    const client = new Client(url, options)
    await new Promise<void>((resolve, reject) => {
      client.socket.once('connect', () => resolve())
      client.socket.once('connect_error', reject)
      client.socket.once('disconnect', (reason) => reject(new Error(reason)))
      // Of a transport that ends before its first packet the socket hears nothing.
      client.socket.io.engine.once('close', (reason: string) => reject(new Error(reason)))
    })
    return client
  }

  /** The first event of that name that no call has had yet and that fits; waits until it comes. */
  next<E extends ServerEvent>(
    event: E,
    fits: (payload: ServerPayload<E>) => boolean = () => true,
  ): Promise<ServerPayload<E>> {
    return this.until(() => {
      const seen = this.#seen.find((one) => !one.used && one.event === event && fits(one.payload as ServerPayload<E>))
      if (!seen) return undefined
      seen.used = true
      return seen.payload as ServerPayload<E>
    }, event)
  }

  /** Waits until `find` gives something; looks again after every event. */
  until<T>(find: () => T | undefined, what = 'a fact'): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find()
        if (found !== undefined) done(() => resolve(found))
        else if (this.gone)
          done(() =>
            reject(
              new Error(
                `disconnected before ${what}; heard ${this.#seen.slice(-5).map((s) => JSON.stringify(s).slice(0, 200))}`,
              ),
            ),
          )
      }
      const done = (how: () => void) => {
        this.#waiting.delete(look)
        how()
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** All payloads of an event so far. */
  heard<E extends ServerEvent>(event: E): ServerPayload<E>[] {
    return this.#seen.filter((one) => one.event === event).map((one) => one.payload as ServerPayload<E>)
  }

  /** All output of a session so far, as text. */
  output(sessionId: string): string {
    const chunks = this.heard('ssh-data').filter((one) => one.sessionId === sessionId)
    return Buffer.concat(
      chunks.map(({ data }) => (typeof data === 'string' ? Buffer.from(data) : Buffer.from(data as Uint8Array))),
    ).toString()
  }

  /** Waits until the output of a session holds a text. */
  shows(sessionId: string, text: string | RegExp): Promise<string> {
    return this.until(() => {
      const output = this.output(sessionId)
      return (typeof text === 'string' ? output.includes(text) : text.test(output)) ? output : undefined
    }, String(text))
  }

  /** Sends anything, as a client would that knows nothing of types. */
  send(event: ClientEvent, ...args: unknown[]): void {
    this.socket.emit(event, ...args)
  }

  /** Sends and waits for the acknowledgement. @throws Refused */
  async ask<T = unknown>(event: ClientEvent, payload: unknown): Promise<T> {
    const answer = (await this.socket.timeout(60_000).emitWithAck(event, payload)) as Ack<T>
    if (!answer.ok) throw new Refused(answer.failure)
    return answer.value
  }

  close(): void {
    this.socket.disconnect()
  }

  #acknowledge({ sessionId, offset, data }: ServerPayload<'ssh-data'>): void {
    if (offset !== undefined) this.socket.emit('ssh-ack', { sessionId, offset: offset + Buffer.byteLength(data) })
  }

  #answer({ sessionId, promptId, prompt }: ServerPayload<'ssh-prompt'>): void {
    const answer = this.onPrompt?.(prompt)
    if (answer) this.socket.emit('ssh-answer', { sessionId, promptId, answer })
  }
}

/** A key that authorises attaching to one session. */
export function attachKey(): {
  resume: Uint8Array
  sign(of: Parameters<typeof attachBytes>[0]): Uint8Array
  /** Signs that another key may take the session up. */
  authorise(of: Parameters<typeof authoriseBytes>[0]): Uint8Array
} {
  const { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
  })
  return {
    resume: publicKey.export({ type: 'spki', format: 'der' }),
    sign: (of) => sign('sha256', attachBytes(of), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
    authorise: (of) => sign('sha256', authoriseBytes(of), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  }
}
