import { setMaxListeners } from 'node:events'
import type { Socket } from 'socket.io'
import { Refusal } from '../shared/failure.ts'
import type {
  Answer,
  ClientMessage,
  ClientToServer,
  Prompt,
  ServerEvent,
  ServerPayload,
  ServerToClient,
  Step,
} from '../shared/protocol.ts'
import { next, type SessionState, type SessionStep } from '../shared/session.ts'
import type { Login } from './auth.ts'
import { Connection, NoRoom, type Passage, type Surroundings } from './connection.ts'
import type { Announced } from './hostKeys.ts'
import type { Fields } from './log.ts'
import type { Hop } from './login.ts'
import { Prompts } from './prompts.ts'

/** A socket that has passed the guard. */
export type Peer = Socket<ClientToServer, ServerToClient, Record<string, never>, { login: Login; peer: string }>

/** Why a session is over; see `ssh-disconnected`. */
export type EndReason = ServerPayload<'ssh-disconnected'>['reason']

/** What every session is made from. */
export interface Birth {
  id: string
  peer: Peer
  around: Surroundings
  /** Called once, when the session is over. */
  onEnd(session: Session, reason: EndReason, refusal: Refusal | undefined): void
}

/** What a session is asked to connect to. */
export type Route = Pick<ClientMessage<'ssh-connect'>, 'host' | 'port' | 'username' | 'jump' | 'interactive'> & Hop

/** One conversation on an SSH connection, named by its `sessionId`; it outlives the socket it was opened from. */
export abstract class Session {
  readonly id: string
  readonly principal: string
  /** The login that attached last: when that dies, the session does. */
  tokenId: string
  readonly openedAt = performance.now()
  readonly prompts: Prompts
  protected readonly around: Surroundings
  readonly #onEnd: Birth['onEnd']
  readonly #life = new AbortController()
  readonly #peerAddress: string
  #connection: Connection | undefined
  /** How it gets to its host, first hop first. */
  #passages: readonly Passage[] = []
  #shared = false
  #opened = false
  #state: SessionState = 'connecting'
  #peer: Peer | undefined

  constructor({ id, peer, around, onEnd }: Birth) {
    // As many as wait for something.
    setMaxListeners(0, this.#life.signal)
    this.id = id
    this.principal = peer.data.login.principal
    this.tokenId = peer.data.login.tokenId
    this.#peerAddress = peer.data.peer
    this.#peer = peer
    this.around = around
    this.#onEnd = onEnd
    this.prompts = new Prompts({
      expiresMs: around.config.limits.promptMs,
      send: (message) => this.emit('ssh-prompt', { sessionId: id, ...message }),
    })
  }

  /** The family of its failures. */
  abstract readonly failureEvent: 'ssh-error' | 'sftp-error'
  /** Bytes of output log that it holds. */
  abstract readonly memory: number
  /** Whether it may live without a socket. */
  abstract readonly resumable: boolean
  /** Bytes from the host so far, and to it. */
  abstract readonly outputBytes: number
  abstract readonly inputBytes: number
  protected abstract readonly overEvent: 'ssh-disconnected' | 'sftp-disconnected'

  get state(): SessionState {
    return this.#state
  }

  /** Whether it ever was open: a connect that came through. */
  get opened(): boolean {
    return this.#opened
  }

  /** The socket that its output goes to. */
  get peer(): Peer | undefined {
    return this.#peer
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** Aborted when the session is over. */
  get signal(): AbortSignal {
    return this.#life.signal
  }

  /** Sends to the attachment, if there is one. */
  emit<E extends ServerEvent>(event: E, payload: ServerPayload<E>): void {
    // Socket.IO derives the arguments from the event's type, which TypeScript cannot follow for a type parameter.
    ;(this.#peer as { emit(event: string, payload: unknown): unknown } | undefined)?.emit(event, payload)
  }

  /** Takes one step of the table; an impossible one is a bug. */
  protected step(step: SessionStep): void {
    const to = next(this.#state, step)
    if (!to) throw new Error(`a session cannot go from ${this.#state} by ${step}`)
    this.#state = to
    if (step !== 'opened') return
    this.#opened = true
    this.around.tally.count('connects', 'open')
  }

  /** Connects through every hop; the last is the session's own. */
  protected async connect(route: Route): Promise<Connection> {
    const steps: Step[] = []
    try {
      const { jump, interactive, ...last } = route
      this.#shared = false
      const passages = [...jump, last].map(({ host, port, username }): Passage => ({ host, port, username }))
      this.#passages = passages
      await this.around.audit?.begin('session-begin', this.record)
      let via: Connection | undefined
      for (const [position, hop] of [...jump, last].entries()) {
        via = await Connection.open(hop, via, this.around, {
          position,
          passage: passages[position] as Passage,
          ask: interactive ? (prompt) => this.ask(prompt) : undefined,
          banner: ({ host, port }, text) => this.emit('ssh-banner', { sessionId: this.id, host, port, text }),
          hostKeys: interactive ? (of, announced) => this.#announce(of, position, announced) : undefined,
          passed: (step) => steps.push(step),
          signal: this.signal,
        })
        // Held from here on, so that a failing later hop lets the whole chain go.
        this.share(via)
        this.#passages = passages
      }
      this.#shared = false
      return via as Connection
    } catch (error) {
      if (error instanceof Refusal) reached.set(error, steps)
      throw error
    }
  }

  #announce({ host, port }: Hop, hop: number, announced: Announced): void {
    this.emit('ssh-host-keys', { sessionId: this.id, host, port, hop, ...announced })
  }

  /** Uses a connection, in place of the one it had. @throws Refusal `no-session` where the session ended meanwhile */
  protected share(connection: Connection): void {
    connection.hold()
    if (this.#state === 'closed') {
      connection.release()
      throw new Refusal('no-session')
    }
    this.#connection?.release()
    this.#connection = connection
    this.#passages = connection.passages
    this.#shared = true
  }

  /**
   * Opens on the connection of another session where that goes the same way and takes one more, else on one of its own.
   * @param start opens the channel
   * @returns whether it is shared
   * @throws Refusal with the phase that failed
   */
  protected async openBeside(
    route: Route,
    near: Session | undefined,
    start: (connection: Connection) => Promise<void>,
  ): Promise<boolean> {
    const connection = near?.connection
    if (connection && isWayOf(route, connection) && !connection.full && !connection.ended.aborted) {
      this.share(connection)
      await this.around.audit?.begin('session-begin', this.record)
      try {
        await start(connection)
        return true
      } catch (error) {
        if (this.signal.aborted || !(error instanceof NoRoom || connection.ended.aborted)) throw error
        const { interactive, password, privateKey } = route
        if (!interactive && password === undefined && privateKey === undefined) throw error
        this.around.log('not-shared', { session: this.id, beside: near?.id })
      }
    }
    await start(await this.connect(route))
    return false
  }

  /** Whom it serves, where it goes and how it got there; no secret. */
  get record(): Fields {
    const at = this.#passages.length - 1
    return {
      session: this.id,
      principal: this.principal,
      login: this.tokenId,
      peer: this.#peerAddress,
      ...this.#passages[at],
      ...(at > 0 && { jump: this.#passages.slice(0, at).map((passage) => ({ ...passage })) }),
      ...(this.#shared && { shared: true }),
    }
  }

  /** Puts a question to whoever has the session. @throws Refusal where it is not answered */
  protected ask(prompt: Prompt): Promise<Answer> {
    return this.#ask(() => this.prompts.ask(prompt))
  }

  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#state === 'connecting') this.step('asked')
    try {
      return await ask()
    } finally {
      if (this.#state === 'prompting' && this.prompts.size === 0) this.step('answered')
    }
  }

  /** Lets its socket go; the session lives on. */
  detach(): void {
    this.#peer = undefined
    this.step('lost')
  }

  /** Makes a socket the attachment; a former one is told. */
  attachTo(peer: Peer): void {
    if (this.#peer && this.#peer !== peer) this.emit('ssh-detached', { sessionId: this.id })
    this.#peer = peer
    this.tokenId = peer.data.login.tokenId
    this.step('attached')
  }

  /** Ends the session and says so to its attachment. Does nothing the second time. */
  end(reason: EndReason, refusal?: Refusal): void {
    if (this.#state === 'closed') return
    if (refusal) this.emit(this.failureEvent, { ...refusal.toFailure(), sessionId: this.id })
    if (this.overEvent === 'sftp-disconnected') this.emit('sftp-disconnected', { sessionId: this.id })
    else this.emit('ssh-disconnected', { sessionId: this.id, reason, ...this.exit })
    this.drop(reason, refusal)
  }

  /** Ends the session without a word: whoever calls answers. */
  drop(reason: EndReason, refusal?: Refusal): void {
    if (this.#state === 'closed') return
    this.step('ended')
    this.#life.abort(refusal ?? new Refusal('no-session'))
    this.prompts.cancel(refusal ?? new Refusal('no-session'))
    this.release()
    this.#connection?.release()
    this.#connection = undefined
    this.#onEnd(this, reason, refusal)
    this.#peer = undefined
  }

  /** How the program ended, if it did. */
  protected get exit(): { exitCode?: number; signal?: string } {
    return {}
  }

  /** Lets go of channels, timers and memory. */
  protected abstract release(): void
}

/**
 * Whether a connection is the one that this connect would make: by every hop of the way, what is taken from old servers, and
 * the keys, where some are offered.
 */
function isWayOf({ jump, interactive: _, ...last }: Route, connection: Connection): boolean {
  const hops = [...jump, last]
  const { chain } = connection
  return hops.length === chain.length && hops.every((hop, at) => isHopOf(hop, chain[at] as Connection))
}

function isHopOf(hop: Hop, { hop: own, identities }: Connection): boolean {
  const place = ({ host, port, username, legacyAlgorithms }: Hop) =>
    JSON.stringify([host.toLowerCase(), port, username, legacyAlgorithms === true])
  const keys = (offered: Hop['identities']) =>
    JSON.stringify(offered?.map(({ publicKey, certificate }) => [publicKey, certificate]))
  return place(hop) === place(own) && (!hop.identities?.length || keys(hop.identities) === keys(identities))
}

const reached = new WeakMap<Refusal, Step[]>()

/** The steps that had succeeded when a connect failed; kept beside the refusal, which knows nothing of connects. */
export function stepsBefore(refusal: Refusal): Step[] | undefined {
  return reached.get(refusal)
}
