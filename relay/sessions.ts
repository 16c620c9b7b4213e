import { TokenBucket } from 'limiter'
import { Refusal } from '../shared/failure.ts'
import type { Surroundings } from './connection.ts'
import { Ends } from './ends.ts'
import { Offers } from './offers.ts'
import type { Birth, EndReason, Peer, Session } from './session.ts'
import { Sftp } from './sftp.ts'
import { Shell } from './shell.ts'

/** Milliseconds between two looks at the memory that output logs and screens hold. */
const MEMORY_CHECK_MS = 1000

/**
 * All sessions of a relay, each under its principal and id: another's session is as unknown as none. Sessions and
 * sockets come and go apart; a session without a socket lives for the grace, if it may be resumed.
 */
export class Sessions {
  /** Files of these sessions that `/offer/<id>` answers with. */
  readonly offers: Offers
  readonly #around: Surroundings
  readonly #byId = new Map<string, Session>()
  readonly #graces = new Map<Session, NodeJS.Timeout>()
  readonly #detachedAt = new Map<Session, number>()
  readonly #ends = new Ends()
  readonly #connects = new Map<string, TokenBucket>()
  readonly #memoryCheck: NodeJS.Timeout
  #draining = false

  constructor(around: Surroundings) {
    this.#around = around
    this.offers = new Offers(around.config.limits)
    this.#memoryCheck = setInterval(() => this.#boundMemory(), MEMORY_CHECK_MS)
    this.#memoryCheck.unref()
  }

  get all(): Iterable<Session> {
    return this.#byId.values()
  }

  get size(): number {
    return this.#byId.size
  }

  /**
   * Makes room for a session and calls `make` with what it needs.
   * @throws Refusal `session-exists`, `too-many-sessions`, `too-many-requests` or `draining`
   */
  create<T extends Session>(peer: Peer, id: string, make: (birth: Birth) => T): T {
    const { limits } = this.#around.config
    const { principal } = peer.data.login
    if (this.#draining) throw new Refusal('draining')
    if (this.#byId.has(keyOf(principal, id))) throw new Refusal('session-exists')
    const own = [...this.#byId.values()].filter((session) => session.principal === principal)
    const pending = own.filter(({ state }) => state === 'connecting' || state === 'prompting')
    if (this.#byId.size >= limits.sessions || own.length >= limits.sessionsPerPrincipal)
      throw this.#limited('too-many-sessions')
    if (pending.length >= limits.pendingConnects || !this.#bucket(principal).tryRemoveTokens(1))
      throw this.#limited('too-many-requests')
    const session = make({ id, peer, around: this.#around, onEnd: (...over) => this.#onEnd(...over) })
    this.#byId.set(keyOf(principal, id), session)
    this.#ends.forget(keyOf(principal, id))
    return session
  }

  /** @throws Refusal `no-session`, for those of others as well */
  get(peer: Peer, id: string): Session {
    const session = this.#byId.get(keyOf(peer.data.login.principal, id))
    if (!session) throw new Refusal('no-session')
    return session
  }

  /** The shell or command of that id. @throws Refusal `no-session` */
  shell(peer: Peer, id: string): Shell {
    const session = this.get(peer, id)
    if (!(session instanceof Shell)) throw new Refusal('no-session')
    return session
  }

  /**
   * The shell or command of that id, for an attach that signs these bytes.
   * @throws Refusal `no-session`, an `Over` where it has ended and the signature is good
   */
  toAttach(peer: Peer, id: string, signed: Uint8Array, signature: Uint8Array): Shell {
    const key = keyOf(peer.data.login.principal, id)
    if (!this.#byId.has(key)) this.#ends.tell(key, signed, signature)
    return this.shell(peer, id)
  }

  /** The SFTP conversation of that id. @throws Refusal `no-session` */
  sftp(peer: Peer, id: string): Sftp {
    const session = this.get(peer, id)
    if (!(session instanceof Sftp)) throw new Refusal('no-session')
    return session
  }

  /** A session of this very socket, whose connection another may share; undefined for all that are not, which are as unknown. */
  beside(peer: Peer, id: string | undefined): Session | undefined {
    const session = id === undefined ? undefined : this.#byId.get(keyOf(peer.data.login.principal, id))
    return session?.peer === peer ? session : undefined
  }

  /** The session, if this socket is its attachment. @throws Refusal `no-session` */
  attached<T extends Session>(peer: Peer, session: T): T {
    if (session.peer !== peer) throw new Refusal('no-session')
    return session
  }

  /** The session has a socket again. */
  keep(session: Session): void {
    clearTimeout(this.#graces.get(session))
    this.#graces.delete(session)
    this.#detachedAt.delete(session)
  }

  /**
   * A socket is gone: what may be resumed waits for the grace, the rest ends.
   * @param silent its client was not heard of for too long: dead, or a page that has stalled and comes back
   */
  leave(peer: Peer, silent = false): void {
    for (const session of [...this.#byId.values()]) {
      if (session.peer !== peer) continue
      if (!session.resumable) {
        session.end('closed')
        continue
      }
      if (silent && session instanceof Shell) session.hold()
      this.detach(session)
    }
  }

  /** Lets the socket of a session go; it waits for the grace. @throws Refusal `session-state` where it may not be resumed */
  detach(session: Session): void {
    if (!session.resumable) throw new Refusal('session-state')
    session.detach()
    this.#detachedAt.set(session, performance.now())
    this.#graces.set(
      session,
      setTimeout(() => session.end('expired'), this.#around.config.limits.graceMs),
    )
  }

  /** Ends what the holder of a login attached last. */
  revoke(tokenId: string): void {
    for (const session of [...this.#byId.values()]) if (session.tokenId === tokenId) session.end('closed')
  }

  /** From now on nothing new is opened. */
  refuseNew(): void {
    this.#draining = true
  }

  endAll(reason: EndReason): void {
    clearInterval(this.#memoryCheck)
    for (const session of [...this.#byId.values()]) session.end(reason)
  }

  #onEnd(session: Session, reason: EndReason, refusal: Refusal | undefined): void {
    this.keep(session)
    this.#byId.delete(keyOf(session.principal, session.id))
    const last = session instanceof Shell ? session.lastWords(reason, refusal) : undefined
    if (last) this.#ends.keep(keyOf(session.principal, session.id), last.keys, last.ended)
    const { log, audit, tally } = this.#around
    const record = {
      ...session.record,
      kind: session instanceof Shell ? 'shell' : 'sftp',
      opened: session.opened,
      reason,
      code: refusal?.code,
      ms: Math.round(performance.now() - session.openedAt),
      bytesOut: session.outputBytes,
      bytesIn: session.inputBytes,
    }
    log('session-end', record)
    audit?.write('session-end', record)
    if (session.opened) tally.count('ends', reason)
    else tally.count('connects', refusal?.code ?? reason)
    tally.bytes.out += session.outputBytes
    tally.bytes.in += session.inputBytes
  }

  #limited(code: 'too-many-sessions' | 'too-many-requests'): Refusal {
    this.#around.tally.count('limits', code)
    return new Refusal(code)
  }

  #bucket(principal: string): TokenBucket {
    const { connectBurst, connectsPerSecond } = this.#around.config.limits
    let bucket = this.#connects.get(principal)
    if (!bucket) {
      bucket = new TokenBucket({ bucketSize: connectBurst, tokensPerInterval: connectsPerSecond, interval: 'second' })
      bucket.content = connectBurst
      this.#connects.set(principal, bucket)
    }
    return bucket
  }

  /** Ends detached sessions, the longest detached first, until logs and screens fit into their total. */
  #boundMemory(): void {
    let total = 0
    for (const session of this.#byId.values()) total += session.memory
    for (const [session] of [...this.#detachedAt].sort(([, a], [, b]) => a - b)) {
      if (total <= this.#around.config.limits.logTotal) return
      total -= session.memory
      session.end('evicted')
    }
  }
}

/** The length makes it unambiguous whatever a principal or an id holds. */
function keyOf(principal: string, id: string): string {
  return `${principal.length}:${principal}:${id}`
}
