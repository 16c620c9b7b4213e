import { type IncomingMessage, ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import * as v from 'valibot'
import { type FailureCode, Refusal } from '../shared/failure.ts'
import { PASSWORD_MIN, REST_BODY_MAX, type RouteName, routes } from '../shared/rest.ts'
import type { Auth, Login } from './auth.ts'
import type { Config } from './config.ts'
import { webssh2Config, webssh2Launch } from './dialects/webssh2Pages.ts'
import { type DownloadOptions, download } from './download.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { securityHeaders } from './securityHeaders.ts'
import { Throttled } from './tries.ts'
import { Misdirected, type Visitor } from './visitor.ts'

/** What the routes need. */
export interface HttpOptions {
  auth: Auth
  log: Log
  /** Directory of the built app; without it only the API answers. */
  app?: string | undefined
  /** Set where the addresses of WebSSH2 are served. */
  webssh2?: Config | undefined
  /** Loaded when first asked for. */
  metrics(): Promise<Metrics>
  /** What files that were offered are fetched with. */
  downloads(): DownloadOptions
  /** What the gate found out about a request. @throws Refusal where it may not be answered */
  visitorOf(request: IncomingMessage): Visitor
}

type Env = {
  Bindings: HttpBindings
  Variables: { visitor: Visitor; login: Login | undefined; token: string | undefined }
}

const statuses: Partial<Record<FailureCode, 400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 500 | 503>> = {
  'bad-request': 400,
  'weak-password': 400,
  'login-required': 401,
  'wrong-password': 401,
  'set-up-required': 403,
  'password-needed': 403,
  'origin-refused': 403,
  'not-found': 404,
  'password-set': 409,
  'too-large': 413,
  'unsupported-type': 415,
  'too-many-requests': 429,
  draining: 503,
}

/** The status and body that answer a refusal. */
export function answerOf(refusal: Refusal): { status: number; headers: Record<string, string>; body: string } {
  const status = refusal instanceof Misdirected ? 421 : (statuses[refusal.code] ?? 500)
  const body = JSON.stringify({ success: false, error: refusal.message, failure: refusal.toFailure() })
  const headers: Record<string, string> = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
  if (refusal instanceof Throttled) headers['Retry-After'] = String(refusal.retryAfter)
  return { status, headers, body }
}

/** Paths of the app that open its page; any other path that is no file is 404. */
const pages = ['/', '/open']

/** The routes of `shared/rest.ts`, `/healthz`, `/metrics`, and the built app. */
export function createApp(options: HttpOptions): Hono<Env> {
  const { auth, log } = options
  const app = new Hono<Env>()

  app.onError((error, c) => {
    if (!(error instanceof Refusal)) log('bug', { where: 'http', error: String(error.stack ?? error) })
    const { status, headers, body } = answerOf(error instanceof Refusal ? error : new Refusal('internal'))
    // Hono's type lists the statuses; `statuses` above is a part of them.
    return c.body(body, status as 400, headers)
  })
  app.notFound(() => {
    throw new Refusal('not-found')
  })

  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value)
    c.set('visitor', options.visitorOf(c.env.incoming))
    for (const [name, value] of Object.entries(transport(c.var.visitor))) c.header(name, value)
    await next()
  })
  // Any page may see that something answers: the app tells a relay that refuses it from one that is down.
  const anyPage = { 'Cache-Control': 'no-store', 'Cross-Origin-Resource-Policy': 'cross-origin' }
  app.get('/healthz', (c) => c.text('ok', 200, anyPage))
  app.get('/metrics', authenticate(auth), async (c) => {
    const metrics = await options.metrics()
    return c.body(await metrics.text(), 200, { 'Content-Type': metrics.type, 'Cache-Control': 'no-store' })
  })
  // No token: a download of the browser's own carries none, and who knows the id has it from who is in.
  app.get('/offer/:id{[0-9a-f]{32}}', async (c) => {
    // A HEAD would use up the offer.
    if (c.req.method !== 'GET') throw new Refusal('not-found')
    const { outgoing } = c.env
    // Never HTTP/2, which the relay does not speak; the type has both.
    if (!(outgoing instanceof ServerResponse)) throw new Refusal('not-found')
    await download(options.downloads(), c.req.param('id'), outgoing, transport(c.var.visitor))
    return RESPONSE_ALREADY_SENT
  })
  app.use('/api/*', crossOrigin, authenticate(auth), requireJson)
  addRoutes(app, auth)
  // Nobody learns which paths exist below /api before he is in.
  app.all('/api/*', () => {
    throw new Refusal('not-found')
  })
  if (options.webssh2) addWebssh2(app, options.webssh2)
  if (options.app !== undefined) addPages(app, options.app)
  return app
}

/** Headers of the way that a request came. */
const transport = ({ secure }: Visitor): Record<string, string> =>
  secure ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}

type Handler = (c: Context<Env>) => Promise<Response>

async function crossOrigin(c: Context<Env>, next: () => Promise<void>): Promise<Response | undefined> {
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'Origin')
  const origin = c.var.visitor.crossOrigin
  if (origin !== undefined) c.header('Access-Control-Allow-Origin', origin)
  if (c.req.method !== 'OPTIONS') {
    await next()
    return undefined
  }
  if (origin === undefined) throw new Refusal('login-required')
  c.header('Access-Control-Allow-Methods', 'GET, POST')
  c.header('Access-Control-Allow-Headers', 'Authorization, Content-Type')
  c.header('Access-Control-Max-Age', '600')
  if (c.req.header('Access-Control-Request-Private-Network') === 'true') {
    c.header('Access-Control-Allow-Private-Network', 'true')
  }
  return c.body(null, 204)
}

/** Every route of the table is open or wants a token; what is not in the table wants one too. */
function authenticate(auth: Auth) {
  return async (c: Context<Env>, next: () => Promise<void>): Promise<void> => {
    const token = /^Bearer ([0-9a-f]{64})$/.exec(c.req.header('Authorization') ?? '')?.[1]
    const login = auth.verify(token)
    c.set('login', login)
    const route = Object.entries(routes).find(([, known]) => known.path === c.req.path)
    const name = route?.[0] as RouteName | undefined
    const first = name === 'set-password' && !auth.passwordSet
    if (!login && !first && !(name && routes[name].open)) {
      throw new Refusal(auth.setUp ? 'set-up-required' : 'login-required')
    }
    if (c.var.visitor.tokenNeeded && login?.principal === 'local') throw new Refusal('origin-refused')
    await next()
  }
}

/** Forms of other sites can post text, never JSON: asking for the type is what keeps them out (no preflight, no answer). */
async function requireJson(c: Context<Env>, next: () => Promise<void>): Promise<void> {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/json') throw new Refusal('unsupported-type')
  }
  await next()
}

const limitBody = bodyLimit({
  maxSize: REST_BODY_MAX,
  onError: () => {
    throw new Refusal('too-large')
  },
})

async function read<S extends v.GenericSchema>(c: Context<Env>, schema: S): Promise<v.InferOutput<S>> {
  const text = await c.req.text()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Refusal('bad-request', { cause })
  }
  const result = v.safeParse(schema, value)
  if (!result.success) {
    const short = result.issues.some((issue) => issue.type === 'min_length' && issue.requirement === PASSWORD_MIN)
    throw new Refusal(short ? 'weak-password' : 'bad-request')
  }
  // All bodies are flat objects of strings, so a name that stands twice shows in the count of strings.
  const strings = text.match(/"(?:[^"\\]|\\.)*"/g)?.length ?? 0
  if (strings !== 2 * Object.keys(value as object).length) throw new Refusal('bad-request')
  return result.output
}

function addRoutes(app: Hono<Env>, auth: Auth): void {
  const handlers: Record<RouteName, Handler> = {
    status: async (c) => c.json({ passwordEnabled: auth.passwordSet, ...(auth.setUp && { setUp: true }) }),

    login: async (c) => {
      const { password } = await read(c, routes.login.request)
      return c.json({ success: true, token: await auth.login(password, c.var.visitor.peer) })
    },

    logout: async (c) => {
      await read(c, routes.logout.request)
      if (c.var.login) auth.logout(c.var.login)
      return c.json({ success: true })
    },

    'set-password': async (c) => {
      const request = await read(c, routes['set-password'].request)
      const { visitor, login } = c.var
      return c.json({ success: true, token: await auth.setPassword(request, { peer: visitor.peer, login }) })
    },

    'remove-password': async (c) => {
      const { currentPassword } = await read(c, routes['remove-password'].request)
      await auth.removePassword(currentPassword, c.var.visitor.peer)
      return c.json({ success: true })
    },
  }
  for (const name of Object.keys(routes) as RouteName[]) {
    app.on(routes[name].method, routes[name].path, limitBody, handlers[name])
  }
}

/** The addresses of WebSSH2. What it had for credentials in addresses and forms is not there. */
function addWebssh2(app: Hono<Env>, config: Config): void {
  app.use('/ssh/*', async (c, next) => {
    c.header('Cache-Control', 'no-store')
    await next()
  })
  app.get('/ssh/config', (c) => {
    c.header('Vary', 'Origin')
    const { crossOrigin } = c.var.visitor
    if (crossOrigin !== undefined) {
      c.header('Access-Control-Allow-Origin', crossOrigin)
      c.header('Cross-Origin-Resource-Policy', 'cross-origin')
    }
    return c.json(webssh2Config(config))
  })
  // There are none here, which is as good.
  app.get('/ssh/clear-credentials', (c) => c.json({ message: 'Credentials cleared' }))
  const open = (c: Context<Env>) =>
    c.redirect(webssh2Launch(c.req.param('host'), new URL(c.req.url).searchParams, config.webssh2Target))
  const hosts = ['/ssh/host/', '/ssh/host/:host', '/ssh/host/:host/']
  for (const path of ['/ssh', '/ssh/', ...hosts, '/ssh/reauth', '/ssh/force-reconnect']) app.get(path, open)
}

function addPages(app: Hono<Env>, root: string): void {
  // What the build has not compressed beforehand is compressed here, off the main thread.
  app.use(compress())
  app.use(async (c, next) => {
    await next()
    if (c.res.status >= 400) return
    // Names below /assets hold a hash of the content, so they never change; the rest is asked for again each time.
    const hashed = c.req.path.startsWith('/assets/')
    c.header('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  })
  for (const page of pages) app.get(page, serveStatic({ root, path: 'index.html', precompressed: true }))
  app.get('*', serveStatic({ root, precompressed: true }))
}
