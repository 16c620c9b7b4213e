import { contentDisposition } from '../../shared/contentDisposition.ts'

/** Milliseconds for which an address is offered. */
const OFFERED = 60_000
/** Addresses on offer at a time. */
const OFFERS = 64

const types = ['application/octet-stream', 'application/zip']
/** Nothing of a server's file is ever shown or run as a page of this origin. */
const closed = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
}

interface Head {
  name: string
  type: string
  size?: number
}

/**
 * Answers `/download/<id>`, once for each id that a page of the app has offered, with bytes that the page sends over a
 * port: a download of the browser's own, of any size, in constant memory. `pwa/model/out/workerStream.ts` is the other side.
 */
export function serveDownloads(scope: ServiceWorkerGlobalScope): void {
  const offers = new Map<string, MessagePort>()
  scope.addEventListener('message', ({ data, source, ports }) => {
    if (data?.type !== 'offer-download' || !isId(data.id) || !ports[0]) return
    // Frames are no pages of the app, and a name that is taken stays with who has it.
    const page = source instanceof WindowClient && source.frameType !== 'nested'
    if (!page || offers.has(data.id) || offers.size >= OFFERS) return
    const [port] = ports
    offers.set(data.id, port)
    port.postMessage({ type: 'offered' })
    const forget = () => {
      if (offers.get(data.id) === port) offers.delete(data.id)
    }
    setTimeout(forget, OFFERED)
    whenGone(scope, data.id, forget)
  })
  scope.addEventListener('fetch', (event) => {
    const { origin, pathname } = new URL(event.request.url)
    const id = /^\/download\/(?<id>[^/]*)$/.exec(pathname)?.groups?.id
    if (origin !== scope.location.origin || id === undefined) return
    const port = offers.get(id)
    offers.delete(id)
    event.respondWith(
      port && event.request.method === 'GET'
        ? answer(scope, id, port)
        : new Response('There is nothing at this address.', { status: 404, headers: closed }),
    )
  })
}

const isId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)

/** The page holds a lock of this name for as long as it lives and the download is not over. */
function whenGone(scope: ServiceWorkerGlobalScope, id: string, gone: () => void): void {
  void scope.navigator.locks.request(`fairlead-download ${id}`, gone)
}

function answer(scope: ServiceWorkerGlobalScope, id: string, port: MessagePort): Promise<Response> {
  return new Promise((resolve) => {
    let stream: Incoming | undefined
    // Nothing has begun yet, so nothing is seen to fail.
    const none = () => resolve(new Response(null, { status: 204, headers: closed }))
    whenGone(scope, id, () => (stream ? stream.fail() : none()))
    port.onmessage = ({ data }) => {
      if (stream) stream.hear(data)
      else if (data?.type === 'head' && isHead(data.head)) {
        stream = new Incoming(port, data.head.size)
        resolve(new Response(stream.body, { headers: headersOf(data.head) }))
      } else none()
    }
    port.postMessage({ type: 'asked' })
  })
}

function isHead(data: unknown): data is Head {
  const { type, name, size } = (data ?? {}) as { type?: unknown; name?: unknown; size?: unknown }
  return (
    typeof name === 'string' &&
    name.length <= 255 &&
    types.includes(String(type)) &&
    (size === undefined || (Number.isSafeInteger(size) && Number(size) >= 0))
  )
}

function headersOf({ name, type, size }: Head): HeadersInit {
  return {
    ...closed,
    'Content-Type': type,
    'Content-Disposition': contentDisposition(name),
    ...(size !== undefined && { 'Content-Length': String(size) }),
  }
}

/** Bytes that the page has sent and the browser has not taken yet; the page sends no more than its window beyond. */
class Incoming {
  readonly body: ReadableStream<Uint8Array>
  readonly #port: MessagePort
  readonly #size: number | undefined
  #taken = 0
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #queue: Uint8Array[] = []
  #ending = false
  #over = false
  #more = () => {}

  /** @param size what was promised to the browser: anything else is no success */
  constructor(port: MessagePort, size: number | undefined) {
    this.#port = port
    this.#size = size
    this.body = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#pull(),
        cancel: () => {
          this.#over = true
          port.postMessage({ type: 'cancelled' })
        },
      },
      { highWaterMark: 0 },
    )
  }

  hear(message: unknown): void {
    const { type, data } = (message ?? {}) as { type?: unknown; data?: unknown }
    if (type === 'data' && data instanceof Uint8Array && data.byteLength > 0) this.#queue.push(data)
    if (type === 'end') this.#ending = true
    if (type === 'fail') this.fail()
    this.#more()
  }

  /** The page has given up or is gone: the browser is to see a failed download, not a short one. */
  fail(): void {
    if (this.#over) return
    this.#over = true
    this.#controller?.error(new Error('The download was given up'))
    this.#more()
  }

  async #pull(): Promise<void> {
    while (!this.#over) {
      const data = this.#queue.shift()
      if (data) {
        this.#taken += data.byteLength
        this.#controller?.enqueue(data)
        this.#port.postMessage({ type: 'took', bytes: data.byteLength })
        return
      }
      if (this.#ending && this.#taken !== (this.#size ?? this.#taken)) this.fail()
      else if (this.#ending) {
        this.#over = true
        this.#controller?.close()
        this.#port.postMessage({ type: 'done' })
      } else
        await new Promise<void>((resolve) => {
          this.#more = resolve
        })
    }
  }
}
