import { batch, type ReadonlySignal, signal } from '@preact/signals'
import { io, type Socket } from 'socket.io-client'
import * as v from 'valibot'
import { Failure } from '../../shared/failure.ts'
import {
  type ClientEvent,
  type ClientPayload,
  clientEvents,
  PROTOCOL_VERSION,
  type ReplyMessage,
  type ServerEvent,
  type ServerMessage,
  serverEventNames,
  serverEvents,
} from '../../shared/protocol.ts'
import { type AppFailure, Failed, failureOf } from './failure.ts'
import { type Moment, thisMoment } from './moment.ts'
import { answers } from './rest.ts'
import { retryWait } from './retryWait.ts'

/** `login-required`: the relay wants its password, or to be set up. `refused`: it is there and does not want this page. */
export type LinkState = 'connecting' | 'online' | 'offline' | 'login-required' | 'refused'
export type Hello = ServerMessage<'relay-hello'>
type Listeners = { [E in ServerEvent]?: (message: ServerMessage<E>) => void }

/** Milliseconds: between pings, until an unanswered one means a dead socket, and the same after a wake-up. */
const timing = {
  ping: 5_000,
  second: 1_000,
  dead: 15_000,
  deadAfterWake: 4_000,
  connect: 10_000,
}

const AckShape = v.variant('ok', [
  v.object({ ok: v.literal(true), value: v.optional(v.unknown()) }),
  v.object({ ok: v.literal(false), failure: serverEvents['ssh-error'].payload }),
])

/**
 * The live socket to one relay. WebSocket only: a poll would follow a redirect and take the token along. It counts as
 * online from the relay's hello to the end of the socket, and comes back by itself.
 */
export class Link {
  readonly url: string
  readonly #socket: Socket
  readonly #state = signal<LinkState>('connecting')
  readonly #hello = signal<Hello | undefined>(undefined)
  readonly #roundTrip = signal<number | undefined>(undefined)
  readonly #lastHeard = signal<Moment | undefined>(undefined)
  readonly #ends = signal<number | undefined>(undefined)
  readonly #failure = signal<AppFailure | undefined>(undefined)
  readonly #listeners = new Set<Listeners>()
  readonly #routes = new Map<string, Listeners>()
  readonly #asked = new Set<(error: Failed) => void>()
  #heard: Moment | undefined
  /** The connection that is being made, from the request to the first packet. */
  #opening: Socket['io']['engine'] | undefined
  #failedTries = 0
  /** Whether its health route answered at the failure before. */
  #answered = false
  #retry: ReturnType<typeof setTimeout> | undefined
  #ping: ReturnType<typeof setTimeout> | undefined
  #dead: ReturnType<typeof setTimeout> | undefined
  #closed = false

  readonly #timing: typeof timing

  /**
   * @param token read anew for each connect; it goes to `url` and nowhere else
   * @param patience in place of the usual times
   */
  constructor(url: string, token: () => string | undefined, patience: Partial<typeof timing> = {}) {
    this.url = url
    this.#timing = { ...timing, ...patience }
    this.#socket = io(url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      autoConnect: false,
      timeout: this.#timing.connect,
      auth: (give) => give({ token: token() }),
    })
    this.#socket.io.on('open', () => {
      this.#opening = undefined
    })
    this.#socket.on('disconnect', (reason) => {
      if (this.#state.peek() !== 'online') this.#failedTries++
      this.#lost()
      // Whatever was said of it before: a network may be cut again before the hello.
      if (reason !== 'io client disconnect') this.#later()
    })
    this.#socket.on('connect_error', (error: Error & { data?: unknown }) => {
      this.#opening = undefined
      this.#refused(error.data)
    })
    for (const event of serverEventNames) this.#socket.on(event, (payload: unknown) => this.#heardEvent(event, payload))
    this.#connect()
  }

  get state(): ReadonlySignal<LinkState> {
    return this.#state
  }

  /** What the relay said of itself on this socket; undefined while not online. */
  get hello(): ReadonlySignal<Hello | undefined> {
    return this.#hello
  }

  /** Milliseconds, measured every few seconds. */
  get roundTrip(): ReadonlySignal<number | undefined> {
    return this.#roundTrip
  }

  /** When the relay was last heard of; exact once the link is not online. */
  get lastHeard(): ReadonlySignal<Moment | undefined> {
    return this.#lastHeard
  }

  /** Where the relay shuts down: when its terminals end, on the steady clock. */
  get ends(): ReadonlySignal<number | undefined> {
    return this.#ends
  }

  /** Why it is not online. */
  get failure(): ReadonlySignal<AppFailure | undefined> {
    return this.#failure
  }

  /** Sends, or returns false when not online: nothing is ever buffered here, since it would overtake an attach. */
  send<E extends ClientEvent>(event: E, payload: ClientPayload<E>): boolean {
    if (this.#state.peek() !== 'online') return false
    this.#socket.emit(event, payload)
    return true
  }

  /** Sends and waits for the acknowledgement. Rejects with `Failed`: the relay's refusal, or `relay-lost`. */
  ask<E extends ClientEvent>(event: E, payload: ClientPayload<E>): Promise<ReplyMessage<E>> {
    return new Promise((resolve, reject) => {
      if (this.#state.peek() !== 'online') {
        reject(new Failed('relay-lost'))
        return
      }
      this.#asked.add(reject)
      this.#socket.emit(event, payload, (said: unknown) => {
        this.#asked.delete(reject)
        this.#heard = thisMoment()
        try {
          resolve(readAck(event, said))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  /** Hears events of all sessions; returns what ends it. */
  listen(listeners: Listeners): () => void {
    this.#listeners.add(listeners)
    return () => this.#listeners.delete(listeners)
  }

  /** Hears the events of one session; events of sessions that nobody has a route for are dropped. */
  route(sessionId: string, listeners: Listeners): () => void {
    this.#routes.set(sessionId, listeners)
    return () => {
      if (this.#routes.get(sessionId) === listeners) this.#routes.delete(sessionId)
    }
  }

  /** Connects now, unless it is online: after a login, or when the person asks. */
  retry(): void {
    if (this.#closed || this.#state.peek() === 'online' || this.#socket.connected) return
    clearTimeout(this.#retry)
    this.#failedTries = 0
    if (this.#state.peek() !== 'offline') this.#state.value = 'connecting'
    // A handshake under way carries the token of before.
    if (this.#socket.active) this.#disconnect()
    this.#connect()
  }

  /** The device woke up or its network changed: finds out at once whether the socket still lives, whatever it says of itself. */
  wake(): void {
    const state = this.#state.peek()
    if (state === 'online') this.#measure(this.#timing.deadAfterWake)
    // A handshake under way may wait for an answer on the network of before.
    else if (state === 'offline' || state === 'connecting') this.retry()
  }

  /** Ends the socket at once, as a lost network would; it comes back by itself. */
  cut(): void {
    this.#socket.io.engine?.close()
  }

  close(): void {
    this.#closed = true
    this.#disconnect()
    this.#lost()
    clearTimeout(this.#retry)
  }

  #heardEvent(event: ServerEvent, payload: unknown): void {
    const fits = v.safeParse(serverEvents[event].payload, payload)
    if (!fits.success) {
      console.warn(`${this.url} sent an event ${event} that does not fit: ${v.summarize(fits.issues).slice(0, 300)}`)
      return
    }
    this.#heard = thisMoment()
    if (event === 'relay-hello') this.#greeted(fits.output as Hello)
    else if (this.#state.peek() !== 'online') return
    if (event === 'relay-draining') this.#drains(fits.output as ServerMessage<'relay-draining'>)
    // The schema is that of `event`; the compiler has only the union of all.
    const tell = (listeners: Listeners) => (listeners[event] as ((message: unknown) => void) | undefined)?.(fits.output)
    if ('sessionId' in fits.output && fits.output.sessionId !== undefined) {
      const route = this.#routes.get(fits.output.sessionId)
      if (route) tell(route)
    }
    for (const listeners of this.#listeners) tell(listeners)
  }

  #drains({ deadlineMs }: ServerMessage<'relay-draining'>): void {
    this.#ends.value = performance.now() + deadlineMs
  }

  #greeted(hello: Hello): void {
    if (hello.protocol !== PROTOCOL_VERSION) {
      this.#failure.value = failureOf(new Failed('other-protocol'))
      this.#state.value = 'refused'
      this.#socket.disconnect()
      return
    }
    this.#failedTries = 0
    this.#answered = false
    // At once, so that nobody hears the hello while nothing can be sent yet.
    batch(() => {
      this.#failure.value = undefined
      this.#hello.value = hello
      this.#state.value = 'online'
    })
    this.#measure(this.#timing.dead)
  }

  #lost(): void {
    clearTimeout(this.#ping)
    clearTimeout(this.#dead)
    if (this.#state.peek() === 'online') {
      this.#lastHeard.value = this.#heard
      this.#hello.value = undefined
      this.#ends.value = undefined
      this.#roundTrip.value = undefined
      this.#fail('offline', 'relay-unreachable')
    }
    for (const reject of [...this.#asked]) reject(new Failed('relay-lost'))
    this.#asked.clear()
  }

  #refused(said: unknown): void {
    if (this.#closed) return
    const fits = v.safeParse(Failure, said)
    this.#failedTries++
    if (fits.success) {
      this.#failure.value = fits.output
      const { code } = fits.output
      if (code === 'login-required' || code === 'set-up-required') this.#state.value = 'login-required'
      else if (fits.output.retry) this.#state.value = 'offline'
      else this.#state.value = 'refused'
      if (fits.output.retry) this.#later()
      return
    }
    this.#later()
    if (this.#state.peek() !== 'refused') this.#fail('offline', 'relay-unreachable')
    void this.#distinguish()
  }

  #fail(state: 'offline' | 'refused', code: 'relay-unreachable' | 'relay-refused'): void {
    this.#failure.value = failureOf(new Failed(code))
    this.#state.value = state
  }

  /**
   * A relay that is up and refuses the handshake looks like one that is down; its health route tells them apart. One failure
   * says nothing, since a network may be cut in the middle of the handshake and a relay may just be starting.
   */
  async #distinguish(): Promise<void> {
    const tries = this.#failedTries
    const answered = await answers(this.url)
    if (this.#failedTries !== tries) return
    if (!answered) this.#fail('offline', 'relay-unreachable')
    else if (this.#answered) this.#fail('refused', 'relay-refused')
    this.#answered = answered
  }

  #connect(): void {
    this.#socket.connect()
    const { engine } = this.#socket.io
    this.#opening = engine
    // Socket.IO hears nothing of a socket that is cut between its handshake and that of Engine.IO, and waits for the latter.
    engine?.once('close', () => {
      if (this.#opening !== engine) return
      this.#disconnect()
      this.#refused(undefined)
    })
  }

  #disconnect(): void {
    this.#opening = undefined
    this.#socket.disconnect()
  }

  #later(): void {
    if (this.#closed) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(
      () => {
        if (!this.#socket.connected) this.#connect()
      },
      retryWait(this.#failedTries, chance()),
    )
  }

  #measure(patience: number): void {
    clearTimeout(this.#ping)
    clearTimeout(this.#dead)
    const asked = performance.now()
    // The second turn lets an answer in that has waited behind a busy page.
    this.#dead = setTimeout(() => {
      this.#dead = setTimeout(() => this.cut(), 500)
    }, patience)
    this.ask('relay-ping', {}).then(
      () => {
        clearTimeout(this.#dead)
        // The first is measured while the page is still busy with its start, so the second comes soon.
        const wait = this.#roundTrip.peek() === undefined ? this.#timing.second : this.#timing.ping
        this.#roundTrip.value = performance.now() - asked
        this.#lastHeard.value = this.#heard
        clearTimeout(this.#ping)
        this.#ping = setTimeout(() => this.#measure(this.#timing.dead), wait)
      },
      () => undefined,
    )
  }
}

/** Anywhere from 0 to 1. */
function chance(): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1))
  return drawn / 2 ** 32
}

function readAck<E extends ClientEvent>(event: E, said: unknown): ReplyMessage<E> {
  const ack = v.safeParse(AckShape, said)
  if (!ack.success) throw new Failed('other-protocol')
  if (!ack.output.ok) throw new Failed(ack.output.failure)
  const entry = clientEvents[event]
  const schema = 'answer' in entry ? entry.answer : 'reply' in entry ? serverEvents[entry.reply].payload : undefined
  const fits = schema && v.safeParse(schema, ack.output.value)
  if (fits?.success === false) throw new Failed('other-protocol')
  // The schema is that of the event's answer; the compiler has only the union of all.
  return fits?.output as ReplyMessage<E>
}
