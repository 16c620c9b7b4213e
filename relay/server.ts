import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { Server, type ServerOptions } from 'socket.io'
import ssh2 from 'ssh2'
import writeFileAtomic from 'write-file-atomic'
import { Refusal } from '../shared/failure.ts'
import { AuditFile } from './audit.ts'
import { Auth, readableSecret } from './auth.ts'
import { type Config, isLoopback, UsageError } from './config.ts'
import type { Lookup } from './dial.ts'
import { webssh2 } from './dialects/webssh2.ts'
import { type Dispatch, type DispatchOptions, dispatch } from './dispatch.ts'
import { Gate, putGateInFront } from './gate.ts'
import { guard } from './guard.ts'
import type { BuiltInHost } from './host/host.ts'
import { createApp } from './http.ts'
import { closeServer, cutConnections, listen, urlOf } from './listen.ts'
import { createLog, type Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { createPolicy } from './policy.ts'
import { Tally } from './tally.ts'
import { openCertificate } from './tls.ts'
import { version } from './version.ts'
import { networks, originListed } from './visitor.ts'

/** A running relay. */
export interface Relay {
  /** Where it answers, with trailing slash. */
  url: string
  /** `url`, with a login token in its fragment where `--host` or `--open` wants the page to be in at once. */
  launchUrl: string
  port: number
  /** Made at start because `--host` wants a password and none was set. To be shown once, never logged. */
  madePassword?: string
  /** SHA-256 of the certificate that the relay has made itself, as browsers show it. */
  madeFingerprint?: string
  auth: Auth
  dispatch: Dispatch
  /** Reads the certificate again, and goes on in a new audit file where the old one was moved away. */
  reload(): Promise<void>
  /** Refuses what is new, lets sessions end by their deadline, then closes. */
  drain(): Promise<void>
  close(): Promise<void>
}

/** ms that a socket may be connected without having named itself (A-WS-01). */
const CONNECT_MS = 5000
/** ms that clients have to take their last messages when the relay closes; browsers also hold connections that say nothing. */
const CLOSE_MS = 1000

/** What tests put in place of a part. */
export interface RelayOptions {
  log?: Log
  lookup?: Lookup
  handlers?: DispatchOptions['handlers']
}

/** Starts everything on one port. @throws UsageError for input that cannot be obeyed, Error with `code` of the system */
export async function startRelay(config: Config, options: RelayOptions = {}): Promise<Relay> {
  const log = options.log ?? createLog()
  const exposed = !isLoopback(config.bind)
  const { tokenIdleMs, tokenMs } = config.limits
  const { state, noAuth } = config
  const auth = await Auth.open({ state, log, tokenIdleMs, tokenMs, exposed, noAuth, passwordNeeded: config.host })
  const closers: (() => Promise<void> | void)[] = [() => auth.close()]
  const close = once(async () => {
    for (const closer of closers.reverse()) await closer()
  })
  try {
    const certificate = await openCertificate(config, log)
    if (certificate) closers.push(() => certificate.close())
    const { auditFile, auditMust } = config
    const audit = auditFile === undefined ? undefined : await AuditFile.open(auditFile, auditMust, log)
    if (audit) closers.push(() => audit.close())
    const http = await listen(config, certificate)
    const port = (http.address() as AddressInfo).port
    closers.push(() => closeServer(http))
    const ports = [port]
    const tally = new Tally()
    let metrics: Promise<Metrics> | undefined
    const openMetrics = () => {
      const sources = { version, tally, sessions: core.sessions, sockets: () => io.engine.clientsCount }
      metrics ??= import('./metrics.ts').then((loaded) => new loaded.Metrics(sources))
      return metrics
    }
    const madePassword = await setPasswordAtStart(config, auth)
    const builtIn = config.host ? await startBuiltInHost(config, auth, log) : undefined
    if (builtIn) closers.push(() => builtIn.host.close())

    const gate = new Gate({
      allowOrigin: config.allowOrigin,
      publicOrigin: config.publicOrigin,
      trusted: networks(config.trustProxy),
      tls: certificate !== undefined,
      exposed,
      anyHost: () => auth.passwordSet || auth.setUp,
      passwordSet: () => auth.passwordSet,
    })
    const policy = createPolicy(config, {
      ownAddresses: () =>
        Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address)),
      ownPorts: () => ports,
      loopbackBound: !exposed,
      passwordSet: () => auth.passwordSet,
      ...(builtIn && { builtInHost: builtIn.host }),
    })
    const visitorOf = (request: IncomingMessage) => gate.visitorOf(request)
    const app = createApp({
      auth,
      log,
      metrics: openMetrics,
      app: config.app,
      webssh2: config.webssh2 ? config : undefined,
      downloads: () => ({ offers: core.sessions.offers, log, tally, stallMs: config.limits.downloadStallMs }),
      visitorOf,
    })
    const serving: Partial<ServerOptions> = {
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: config.limits.frame,
      pingInterval: config.limits.pingMs,
      pingTimeout: config.limits.silenceMs,
      connectTimeout: CONNECT_MS,
      destroyUpgradeTimeout: CONNECT_MS,
      // The gate has refused everybody else already; these headers let the page read what it was given.
      cors: {
        origin: (origin, done) =>
          done(null, origin !== undefined && originListed(origin, { ...config, passwordSet: () => auth.passwordSet })),
        methods: ['GET', 'POST'],
        maxAge: 600,
      },
    }
    const io = new Server({ ...serving, path: '/socket.io' })
    io.attach(http)
    // Seed 001 is spoken by Socket.IO 2 as well.
    const second = config.webssh2 ? new Server({ ...serving, path: '/ssh/socket.io', allowEIO3: true }) : undefined
    if (second) {
      second.attach(http)
      gate.socketPaths.push('/ssh/socket.io/')
    }
    putGateInFront(http, gate, getRequestListener(app.fetch, { overrideGlobalObjects: false }), log)
    const { noQueryToken, webssh2NoToken } = config
    guard(io, { auth, log, noQueryToken, visitorOf })
    if (second) guard(second, { auth, log, noQueryToken, visitorOf, originsWithoutToken: webssh2NoToken })
    const core = dispatch(io, {
      config,
      log,
      policy,
      version,
      epoch: randomUUID(),
      lookup: options.lookup,
      tally,
      audit,
      handlers: options.handlers,
      ...(builtIn && { builtInHost: { ...builtIn.host, privateKey: builtIn.privateKey } }),
    })
    if (second) webssh2(second, { core, config, log })
    auth.onRevoked((tokenIds) => {
      for (const id of tokenIds) core.revoke(id)
    })
    closers.push(async () => {
      await core.close()
      const cut = setTimeout(() => cutConnections(http), CLOSE_MS)
      // Together: each waits until the port has no connection left.
      await Promise.all([io.close(), second?.close()])
      clearTimeout(cut)
    })
    if (config.metricsPort !== undefined) {
      const { serveMetrics } = await import('./metrics.ts')
      const server = await serveMetrics(config.metricsPort, openMetrics)
      closers.push(() => closeServer(server))
      const { port: metricsPort } = server.address() as AddressInfo
      ports.push(metricsPort)
      log('metrics', { url: `http://127.0.0.1:${metricsPort}/metrics` })
    }
    const url = config.publicOrigin[0] ? `${config.publicOrigin[0]}/` : urlOf(config, port)
    const token = auth.passwordSet && (config.host || config.open) ? auth.issue() : undefined
    log('listening', { url, version, host: config.host, passwordSet: auth.passwordSet })
    return {
      url,
      launchUrl: token ? `${url}#token=${token}` : url,
      port,
      ...(madePassword !== undefined && { madePassword }),
      ...(certificate?.madeFingerprint !== undefined && { madeFingerprint: certificate.madeFingerprint }),
      auth,
      dispatch: core,
      reload: async () => {
        await Promise.all([certificate?.reload(), audit?.reopen()])
      },
      drain: once(async () => {
        gate.draining = true
        await core.drain()
        await close()
      }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const once = (work: () => Promise<void>) => {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}

/** @returns the password where one had to be made */
async function setPasswordAtStart(config: Config, auth: Auth): Promise<string | undefined> {
  const given = config.passwordFile === undefined ? config.password : await readPasswordFile(config.passwordFile)
  if (given !== undefined) {
    try {
      await auth.setOwnPassword(given)
    } catch (error) {
      throw error instanceof Refusal ? new UsageError(error.message) : error
    }
    return undefined
  }
  if (!config.host || auth.passwordSet) return undefined
  const made = readableSecret()
  await auth.setOwnPassword(made)
  return made
}

async function readPasswordFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).split(/\r?\n/, 1)[0] ?? ''
  } catch (error) {
    throw new UsageError(`--password-file cannot be read: ${(error as Error).message}`)
  }
}

async function startBuiltInHost(
  config: Config,
  auth: Auth,
  log: Log,
): Promise<{ host: BuiltInHost; privateKey: string }> {
  const { startHost } = await import('./host/host.ts')
  // Not Ed25519: ssh2 1.17 loses the leading zero bytes of a public key, so one pair in 256 cannot be read again.
  const keys = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
  const parsed = ssh2.utils.parseKey(keys.public)
  if (parsed instanceof Error) throw parsed
  const start = (port: number) =>
    startHost({
      port,
      stateDir: config.state,
      verifyPassword: (password) => auth.check(password, 'built-in host').catch(() => false),
      trustedKeys: [parsed.getPublicSSH()],
      log,
    })
  // The port of before, so that what browsers and known_hosts files remember of this machine stays true.
  const portFile = join(config.state, 'host_port')
  const former = Number(await readFile(portFile, 'utf8').catch(() => '0'))
  const host = await start(Number.isInteger(former) && former > 0 && former < 65_536 ? former : 0).catch((error) => {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return start(0)
    throw error
  })
  await writeFileAtomic(portFile, `${host.port}\n`, { mode: 0o600 })
  return { host, privateKey: keys.private }
}
