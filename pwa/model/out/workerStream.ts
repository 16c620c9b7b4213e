import * as v from 'valibot'
import { Failed } from '../failure.ts'
import { newId } from '../id.ts'
import type { Head, Outlet } from './outlet.ts'

/** Bytes on their way to the worker that the browser has not taken yet. */
const WINDOW = 2 * 1024 * 1024
/** Milliseconds between two signs of life: browsers stop a worker that has heard nothing for 30 s. */
const ALIVE = 10_000

/** What `pwa/sw/downloads.ts` says about a stream. */
const Said = v.variant('type', [
  v.object({ type: v.literal('offered') }),
  v.object({ type: v.literal('asked') }),
  v.object({ type: v.literal('took'), bytes: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  v.object({ type: v.literal('done') }),
  v.object({ type: v.literal('cancelled') }),
])

/** An address below which the service worker streams one file, once. */
export interface Offer {
  url: string
  /** Resolves when the address holds: a request may come to the worker before the offer that was made before it. */
  readonly offered: Promise<void>
  /** Resolves when the browser asks for the address, with what begins the answer. Never, where it does not. */
  readonly asked: Promise<(head: Head) => Outlet>
  /** Takes an address back that nobody has asked for. */
  withdraw(): void
}

/** Offers a stream at an address of its own, of 128 random bits, for one request. The address holds while this page lives. */
export function offerStream(worker: ServiceWorker): Offer {
  const id = newId()
  const { port1: port, port2 } = new MessageChannel()
  const over = new AbortController()
  // The worker waits for this lock: it gets it when the page is gone, however it went.
  void navigator.locks.request(`fairlead-download ${id}`, () => aborted(over.signal))
  worker.postMessage({ type: 'offer-download', id }, [port2])
  const alive = setInterval(() => worker.postMessage({ type: 'alive' }), ALIVE)
  over.signal.addEventListener('abort', () => {
    clearInterval(alive)
    port.close()
  })
  const heard = (type: 'offered' | 'asked') =>
    new Promise<void>((resolve) => {
      port.addEventListener('message', ({ data }) => {
        if (v.is(Said, data) && data.type === type) resolve()
      })
    })
  const offered = heard('offered')
  const asked = heard('asked').then(() => (head: Head) => new WorkerStream(port, head, over))
  port.start()
  return { url: `/download/${id}`, offered, asked, withdraw: () => over.abort() }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

/** The bytes of an ordinary download of the browser. What the browser has not taken yet is at most `WINDOW`. */
class WorkerStream implements Outlet {
  readonly #port: MessagePort
  readonly #over: AbortController
  readonly #ended = new AbortController()
  readonly #done: Promise<void>
  #finish: { resolve(): void; reject(reason: Failed): void } = { resolve() {}, reject() {} }
  #ahead = 0
  #room = () => {}

  constructor(port: MessagePort, head: Head, over: AbortController) {
    this.#port = port
    this.#over = over
    this.#done = new Promise((resolve, reject) => {
      this.#finish = { resolve, reject }
    })
    // Nobody may be waiting for the end when it comes to nothing.
    this.#done.catch(() => undefined)
    port.addEventListener('message', ({ data }) => this.#hear(data))
    port.postMessage({ type: 'head', head })
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  async write(data: Uint8Array): Promise<void> {
    this.ended.throwIfAborted()
    // A view would take its whole buffer with it.
    const own = data.byteLength === data.buffer.byteLength ? data : data.slice()
    this.#ahead += own.byteLength
    this.#port.postMessage({ type: 'data', data: own }, [own.buffer])
    while (this.#ahead >= WINDOW) {
      await new Promise<void>((resolve) => {
        this.#room = resolve
      })
      this.ended.throwIfAborted()
    }
  }

  async close(): Promise<void> {
    this.ended.throwIfAborted()
    this.#port.postMessage({ type: 'end' })
    await this.#done
    this.#over.abort()
  }

  async fail(): Promise<void> {
    this.#port.postMessage({ type: 'fail' })
    this.#over.abort()
  }

  #hear(message: unknown): void {
    if (!v.is(Said, message)) return
    if (message.type === 'took') this.#ahead -= message.bytes
    if (message.type === 'done') this.#finish.resolve()
    if (message.type === 'cancelled') {
      const reason = new Failed('download-cancelled')
      this.#ended.abort(reason)
      this.#finish.reject(reason)
      this.#over.abort()
    }
    this.#room()
  }
}
