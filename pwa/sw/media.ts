/** Bytes of one answer: a player asks on from where it ended. */
const MOST = 1024 * 1024
/** Milliseconds that a page has to read a range of a file of its host. */
const PATIENCE = 60_000

/** Sound and moving pictures: what no browser takes for a page. */
const types = /^(?:audio|video)\/(?:mp4|webm|ogg|mpeg|aac|flac|wav)$/
const closed = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
}

/**
 * Answers `/media/<id>` in ranges that the page reads which asks, so that a film of any size plays, and can be moved about in, in
 * constant memory. Nothing is kept here: a worker that was stopped goes on. `pwa/model/preview/rangeSource.ts` is the other side.
 */
export function serveMedia(scope: ServiceWorkerGlobalScope): void {
  scope.addEventListener('fetch', (event) => {
    const { request, clientId } = event
    const { origin, pathname } = new URL(request.url)
    const id = /^\/media\/(?<id>[^/]*)$/.exec(pathname)?.groups?.id
    if (origin !== scope.location.origin || id === undefined) return
    const player = request.destination === 'audio' || request.destination === 'video'
    event.respondWith(player ? answer(scope, clientId, id, request) : none())
  })
}

async function answer(
  scope: ServiceWorkerGlobalScope,
  clientId: string,
  id: string,
  request: Request,
): Promise<Response> {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get('Range') ?? 'bytes=0-')
  const page = await scope.clients.get(clientId)
  if (!range || !page) return none()
  const offset = Number(range[1])
  const length = Math.min(MOST, range[2] ? Number(range[2]) - offset + 1 : MOST)
  if (!(length > 0)) return none()
  const got = await ask(page, { type: 'read-media', id, offset, length })
  if (!got) return none()
  const { data, size, type } = got
  if (data.byteLength === 0) {
    return new Response(null, { status: 416, headers: { ...closed, 'Content-Range': `bytes */${size}` } })
  }
  return new Response(data, {
    status: 206,
    headers: {
      ...closed,
      'Content-Type': type,
      'Accept-Ranges': 'bytes',
      'Content-Length': String(data.byteLength),
      'Content-Range': `bytes ${offset}-${offset + data.byteLength - 1}/${size}`,
    },
  })
}

function none(): Response {
  return new Response('There is nothing at this address.', { status: 404, headers: closed })
}

interface Got {
  data: Uint8Array<ArrayBuffer>
  /** Of the whole file. */
  size: number
  type: string
}

function ask(page: Client, question: object): Promise<Got | undefined> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    const end = (got: Got | undefined) => {
      clearTimeout(timer)
      port1.close()
      resolve(got)
    }
    const timer = setTimeout(() => end(undefined), PATIENCE)
    port1.onmessage = ({ data }) => end(isGot(data) ? data : undefined)
    page.postMessage(question, [port2])
  })
}

function isGot(message: unknown): message is Got {
  const { data, size, type } = (message ?? {}) as { data?: unknown; size?: unknown; type?: unknown }
  return data instanceof Uint8Array && Number.isSafeInteger(size) && types.test(String(type))
}
