import { randomBytes } from 'node:crypto'
import { TokenBucket } from 'limiter'
import type { Server } from 'socket.io'
import * as v from 'valibot'
import { Refusal } from '../shared/failure.ts'
import {
  type Ack,
  bounds,
  type ClientEvent,
  type ClientToServer,
  clientEventNames,
  clientEvents,
  PROTOCOL_VERSION,
  redact,
  type ServerEvent,
  type ServerPayload,
  type ServerToClient,
  type SessionFailure,
} from '../shared/protocol.ts'
import type { AuditFile } from './audit.ts'
import type { Login } from './auth.ts'
import type { Config } from './config.ts'
import type { Surroundings } from './connection.ts'
import type { Lookup } from './dial.ts'
import { Over } from './ends.ts'
import { type Handlers, handlers as ownHandlers, type Scene } from './handlers.ts'
import { KnownHosts } from './knownHosts.ts'
import type { Log } from './log.ts'
import type { Policy } from './policy.ts'
import { type Peer, stepsBefore } from './session.ts'
import { Sessions } from './sessions.ts'
import { Sftp } from './sftp.ts'
import type { Tally } from './tally.ts'

/** What the relay offers beyond seed 000, by name. */
const features = [
  'binary',
  'resume',
  'screen',
  'interactive',
  'jump',
  'share',
  'pages',
  'sessions',
  'stderr',
  'files',
  'offers',
] as const

export interface DispatchOptions {
  config: Config
  log: Log
  policy: Policy
  version: string
  /** Random for each start of the relay. */
  epoch: string
  builtInHost?:
    | {
        host: string
        port: number
        username: string
        hostKey: Uint8Array
        shellMissing?: string | undefined
        /** What the relay logs in with when it is given no credentials. */
        privateKey: string
      }
    | undefined
  lookup?: Lookup | undefined
  tally: Tally
  audit?: AuditFile | undefined
  /** Stand in for single handlers, to see what a bug in one of them does. */
  handlers?: Partial<Handlers> | undefined
}

export interface Dispatch {
  /** What other dialects work on: the same sessions, and the host keys that the relay keeps. */
  sessions: Sessions
  knownHosts: KnownHosts
  tally: Tally
  /** Ends the sessions that the holder of this login attached last. */
  revoke(tokenId: string): void
  /** Refuses new sessions, tells the clients, and resolves when all have ended or their time is over. */
  drain(): Promise<void>
  close(): Promise<void>
  counts(): { sessions: number; prompts: number }
}

/** Binds the protocol to its handlers: every event of every socket is counted, validated, run and answered here. */
export function dispatch(
  io: Server<ClientToServer, ServerToClient, Record<string, never>, { login: Login; peer: string }>,
  options: DispatchOptions,
): Dispatch {
  const { config, log, builtInHost } = options
  const around: Surroundings = {
    config,
    log,
    policy: options.policy,
    knownHosts: new KnownHosts(config.state),
    lookup: options.lookup,
    tally: options.tally,
    audit: options.audit,
  }
  const sessions = new Sessions(around)
  const handlers: Handlers = { ...ownHandlers, ...options.handlers }

  io.on('connection', (peer: Peer) => {
    const scene: Scene = { peer, sessions, epoch: options.epoch, nonce: randomBytes(16).toString('hex'), builtInHost }
    peer.on('disconnect', (reason) => sessions.leave(peer, reason === 'ping timeout'))
    limitEvents(peer, config, log, around.tally)
    for (const event of clientEventNames) {
      // One listener serves all events; Socket.IO's types want each spelt out.
      ;(peer as { on(event: string, listener: (...args: unknown[]) => void): unknown }).on(event, (...args) => {
        void answer(event, scene, args)
      })
    }
    peer.emit('relay-hello', hello(scene, options))
  })

  async function answer(event: ClientEvent, scene: Scene, args: unknown[]): Promise<void> {
    const last = args.at(-1)
    const ack = typeof last === 'function' ? (last as (answer: Ack<unknown>) => void) : undefined
    const payload = args[0] === last && ack ? undefined : args[0]
    const entry = clientEvents[event]
    const sessionId = sessionIdOf(payload)
    if (entry.rate !== 'data' && entry.rate !== 'files')
      log('request', { request: event, socket: scene.peer.id, ...(redact(event, payload) as object) })
    try {
      const parsed = v.safeParse(entry.payload, payload)
      if (!parsed.success) throw new Refusal('bad-request', { detail: `${event}: ${problemOf(parsed.issues[0])}` })
      if ('answer' in entry && !ack)
        throw new Refusal('bad-request', { detail: `${event}: an acknowledgement must be asked for` })
      const value = await (handlers[event] as (scene: Scene, message: unknown) => unknown)(scene, parsed.output)
      const paged = event === 'sftp-list' && ack && (parsed.output as { page?: number }).page !== undefined
      if ('reply' in entry && !paged) tell(scene.peer, entry.reply, value)
      ack?.({ ok: true, value })
    } catch (error) {
      const failure = failureOf(error, event, scene, sessionId)
      // What is answered in the acknowledgement alone is refused there alone.
      if (!ack || !('answer' in entry)) tell(scene.peer, entry.failure, failure)
      ack?.({ ok: false, failure })
    }
  }

  function failureOf(
    error: unknown,
    event: ClientEvent,
    { peer }: Scene,
    sessionId: string | undefined,
  ): SessionFailure {
    const id = sessionId === undefined ? {} : { sessionId }
    if (error instanceof Refusal) {
      const steps = stepsBefore(error)
      // That there is no such file is news to its client alone.
      if (clientEvents[event].rate !== 'files' || error.phase !== 'files')
        log('refused', { request: event, socket: peer.id, session: sessionId, code: error.code, phase: error.phase })
      const over = error instanceof Over && { ended: error.ended }
      return { ...error.toFailure(), ...id, ...(steps && { steps }), ...over }
    }
    log('bug', {
      request: event,
      session: sessionId,
      error: String(error),
      stack: error instanceof Error ? error.stack : undefined,
    })
    const refusal = new Refusal('internal')
    // A bug may have left the session half changed: it ends, and it alone.
    if (sessionId !== undefined) {
      for (const session of [...sessions.all]) {
        if (session.id === sessionId && session.principal === peer.data.login.principal && session.peer === peer)
          session.end('failure')
      }
    }
    return { ...refusal.toFailure(), ...id }
  }

  return {
    sessions,
    knownHosts: around.knownHosts,
    tally: around.tally,
    revoke: (tokenId) => sessions.revoke(tokenId),
    counts: () => ({
      sessions: sessions.size,
      prompts: [...sessions.all].reduce((sum, session) => sum + session.prompts.size, 0),
    }),
    async drain() {
      sessions.refuseNew()
      if (sessions.size === 0) return
      const { drainTerminalsMs, drainTransfersMs } = config.limits
      io.emit('relay-draining', { deadlineMs: drainTerminalsMs })
      log('drain', { sessions: sessions.size })
      const started = performance.now()
      const waiting = () =>
        [...sessions.all].some((session) =>
          session instanceof Sftp
            ? session.busy && performance.now() - started < drainTransfersMs
            : performance.now() - started < drainTerminalsMs,
        )
      while (waiting()) await new Promise((resolve) => setTimeout(resolve, 50))
      sessions.endAll('draining')
    },
    async close() {
      sessions.refuseNew()
      sessions.endAll('closed')
    },
  }
}

function tell(peer: Peer, event: ServerEvent, payload: unknown): void {
  ;(peer as { emit(event: string, payload: unknown): unknown }).emit(event, payload)
}

/** Cuts off a socket that sends events faster than it may. */
export function limitEvents(peer: Peer, { limits }: Config, log: Log, tally: Tally): void {
  const bucketOf = (bucketSize: number, tokensPerInterval: number) => {
    const bucket = new TokenBucket({ bucketSize, tokensPerInterval, interval: 'second' })
    bucket.content = bucketSize
    return bucket
  }
  const bucket = bucketOf(limits.eventBurst, limits.eventsPerSecond)
  const files = bucketOf(limits.fileEventBurst, limits.fileEventsPerSecond)
  let cutOff = false
  peer.use(([event], next) => {
    // What was on its way already is let go of without a word.
    if (cutOff) return
    const isOfFiles = Object.hasOwn(clientEvents, event) && clientEvents[event as ClientEvent].rate === 'files'
    if ((isOfFiles ? files : bucket).tryRemoveTokens(1)) return next()
    cutOff = true
    log('flood', { socket: peer.id })
    tally.count('limits', 'flood')
    peer.emit('ssh-error', new Refusal('too-many-requests').toFailure())
    peer.disconnect(true)
  })
}

function hello(
  { epoch, nonce }: Scene,
  { config, version, builtInHost: own }: DispatchOptions,
): ServerPayload<'relay-hello'> {
  const { frame, window, log, graceMs } = config.limits
  return {
    protocol: PROTOCOL_VERSION,
    version,
    epoch,
    nonce,
    features: [...features],
    limits: { frame, data: bounds.data, window, log, graceMs },
    ...(own && {
      builtInHost: {
        host: own.host,
        port: own.port,
        username: own.username,
        hostKey: Buffer.from(own.hostKey).toString('base64'),
        ...(own.shellMissing !== undefined && { shellMissing: own.shellMissing }),
      },
    }),
  }
}

/** The session that a payload names, even if the rest of it is junk, so that the failure can name it too. */
function sessionIdOf(payload: unknown): string | undefined {
  const id =
    typeof payload === 'object' && payload !== null ? (payload as { sessionId?: unknown }).sessionId : undefined
  return typeof id === 'string' && id.length <= 128 ? id : undefined
}

/** Which field is wrong; never its value. */
function problemOf(issue: v.BaseIssue<unknown> | undefined): string {
  const path = issue && v.getDotPath(issue)
  return path ? `${path.slice(0, 64)} is not what it should be` : 'the payload is not what it should be'
}
