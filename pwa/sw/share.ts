/** Holds what other apps have shared until the app has uploaded it: at `/share/<id>` a list, below it the files by number. */
const CACHE = 'fairlead-shared'

/** Of one share. */
const MAX_FILES = 1_000
const MAX_BYTES = 2 ** 31
/** Shares that are kept, and for how many milliseconds. */
const KEPT = 4
const KEPT_MS = 86_400_000

/** Takes the files of a share (the Web Share Target API's POST) and opens the app with them; a share that is too large is not kept. */
export async function takeShare(request: Request): Promise<Response> {
  const id = crypto.randomUUID()
  try {
    const form = await request.formData()
    const files = [...form.values()].filter((value) => value instanceof File).filter(({ name }) => name !== '')
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    if (files.length === 0 || files.length > MAX_FILES || bytes > MAX_BYTES) return opened('none')
    await sweepShares(KEPT - 1)
    const cache = await caches.open(CACHE)
    for (const [number, file] of files.entries())
      await cache.put(`/share/${id}/${number}`, new Response(file, { headers }))
    const list = files.map(({ name, size, lastModified }) => ({ name, size, modifiedAt: lastModified }))
    // Last, so that a list speaks only of what is there.
    await cache.put(`/share/${id}`, Response.json({ sharedAt: Date.now(), files: list }, { headers: listHeaders }))
  } catch (error) {
    console.warn('What was shared could not be kept', error)
    await dropShare(id)
    return opened('none')
  }
  return opened(id)
}

/** Gives the list of a share, or one of its files; 404 where it is not there any more. */
export async function giveShare({ pathname }: URL): Promise<Response> {
  const cache = await caches.open(CACHE)
  return (await cache.match(pathname)) ?? new Response(null, { status: 404 })
}

/** Forgets a share. */
export async function dropShare(id: string): Promise<Response> {
  const cache = await caches.open(CACHE)
  for (const { url } of await cache.keys()) if (idOf(url) === id) await cache.delete(url)
  return new Response(null, { status: 204 })
}

/** Forgets shares that nobody has come for: all but the newest, and old ones. */
export async function sweepShares(keep = KEPT): Promise<void> {
  const cache = await caches.open(CACHE)
  const shares = new Map<string, number>()
  for (const { url } of await cache.keys()) {
    const id = idOf(url)
    const list = await cache.match(`/share/${id}`)
    const { sharedAt = 0 } = list ? ((await list.json()) as { sharedAt?: number }) : {}
    shares.set(id, sharedAt)
  }
  const newest = [...shares].sort(([, a], [, b]) => b - a)
  const over = newest.filter(([, at], place) => place >= keep || Date.now() - at > KEPT_MS)
  for (const [id] of over) await dropShare(id)
}

// Whatever it is, opened by itself it is a download without rights.
const headers = {
  'Content-Type': 'application/octet-stream',
  'Content-Disposition': 'attachment',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
}
const listHeaders = { ...headers, 'Content-Type': 'application/json' }

function opened(id: string): Response {
  return Response.redirect(new URL(`/open#share=${id}`, location.origin), 303)
}

function idOf(url: string): string {
  return new URL(url).pathname.split('/')[2] ?? ''
}
