import { randomUUID } from 'node:crypto'
import type { Socket } from 'socket.io'
import * as v from 'valibot'
import { Refusal } from '../../shared/failure.ts'
import { bounds, type ClientMessage, clientEvents, type ServerPayload, Term } from '../../shared/protocol.ts'
import type { Config } from '../config.ts'
import type { Connection } from '../connection.ts'
import type { KnownHosts } from '../knownHosts.ts'
import type { Log } from '../log.ts'
import { Outflow } from '../outflow.ts'
import type { EndReason, Peer } from '../session.ts'
import type { Sessions } from '../sessions.ts'
import { Shell } from '../shell.ts'
import { Webssh2Answers } from './webssh2Answers.ts'
import { CHUNK, type Webssh2Message } from './webssh2Events.ts'
import { Webssh2Exec } from './webssh2Exec.ts'
import { connectionError } from './webssh2Failure.ts'
import { Webssh2Files } from './webssh2Files.ts'
import { peerOf } from './webssh2Peer.ts'
import { TRANSFERS_MAX } from './webssh2Transfers.ts'

/** A login that says where to. */
export type Webssh2Login = Webssh2Message<'authenticate'> & { host: string; port: number }

/** What a visit needs of the relay. */
export interface VisitOptions {
  socket: Socket
  sessions: Sessions
  knownHosts: KnownHosts
  config: Config
  log: Log
}

type Connect = ClientMessage<'ssh-connect'>
type Size = { cols: number; rows: number }

/** Milliseconds in which a server may remove what uploads have left, before its connection is let go. */
const CLEARING_MS = 2000
/** UTF-16 units of input that wait for the shell. */
const EARLY_MAX = bounds.data
/** What clients of WebSSH2 are when they do not say. */
const TERM = 'xterm-color'

const endings: Record<EndReason, string | undefined> = {
  exit: 'Connection closed',
  closed: 'Connection closed',
  expired: 'Connection closed',
  evicted: 'Connection closed',
  draining: 'The relay is shutting down',
  // Its reason has been told before.
  failure: undefined,
}

const unknownKeyActions = { keep: 'alert', ask: 'prompt', known: 'reject' } as const

/** What verification of host keys a client is told of. */
export const hostKeyVerification = ({ webssh2HostKeys }: Pick<Config, 'webssh2HostKeys'>) => ({
  enabled: true,
  clientStoreEnabled: webssh2HostKeys === 'ask',
  unknownKeyAction: unknownKeyActions[webssh2HostKeys],
})

/** One login of a WebSSH2 client and what it does there: our own sessions under it, its own words to the client. */
export class Webssh2Visit {
  readonly #options: VisitOptions
  readonly #socket: Socket
  readonly #peer: Peer
  readonly #connect: Connect
  readonly #answers: Webssh2Answers
  readonly #files: Webssh2Files
  readonly #exec: Webssh2Exec
  /** Kept only where it may be typed again. */
  readonly #password: string | undefined
  #shell: Shell | undefined
  #connection: Connection | undefined
  #started = false
  #size: Size
  #sent = 0
  #early: string[] = []
  #over = false
  #closed = false
  #patience: NodeJS.Timeout | undefined

  /** @throws Refusal `bad-request` for what `ssh-connect` would not take either */
  constructor(options: VisitOptions, asked: Webssh2Login) {
    this.#options = options
    this.#socket = options.socket
    const { config, sessions } = options
    const forwardAll = asked.forwardAllKeyboardInteractivePrompts || config.webssh2Prompts
    const heldBack = forwardAll || !config.webssh2Methods.includes('password')
    const connect = v.safeParse(clientEvents['ssh-connect'].payload, connectOf(asked, heldBack))
    if (!connect.success) throw new Refusal('bad-request', { detail: 'Invalid credentials' })
    this.#connect = connect.output
    this.#size = { cols: connect.output.cols, rows: connect.output.rows }
    this.#password = config.webssh2Replay ? (asked.password ?? undefined) : undefined
    this.#peer = peerOf(options.socket, {
      'ssh-data': (payload) => this.#output(payload),
      'ssh-prompt': (payload) => this.#guard(this.#answers.take(payload)),
      'ssh-error': ({ message }) => this.#connection && !this.#over && this.#socket.emit('ssherror', message),
      'ssh-disconnected': ({ reason }) => this.#ended(reason),
      'sftp-error': () => this.#files.lost(),
      'sftp-disconnected': () => this.#files.lost(),
    })
    this.#answers = new Webssh2Answers({
      socket: options.socket,
      knownHosts: options.knownHosts,
      hostKeys: config.webssh2HostKeys,
      methods: config.webssh2Methods,
      password: asked.password ?? undefined,
      forwardAll,
      answer: (promptId, answer) => {
        // An answer to a question whose time is over is no answer.
        if (this.#shell?.prompts.isOpen(promptId)) this.#shell.prompts.answer(promptId, answer)
      },
    })
    // The relay's own host takes its password like any other: nobody gets in by being a client of this dialect.
    const scene = { peer: this.#peer, sessions, epoch: '', nonce: '', builtInHost: undefined }
    this.#exec = new Webssh2Exec({ socket: options.socket, sessions, connect: this.#connect })
    this.#files = new Webssh2Files(options.socket, scene, this.#connect.sessionId, config.limits.window)
  }

  /** The files of this login. */
  get files(): Webssh2Files | undefined {
    return this.#connection && !this.#over ? this.#files : undefined
  }

  /** The client's answers to what this login was asked. */
  get answers(): Webssh2Answers {
    return this.#answers
  }

  /** Connects and logs in, then waits for the client's terminal. Failures are told to the client. */
  async open(): Promise<void> {
    const { sessions, config } = this.#options
    const { host, port, username, password, privateKey, passphrase } = this.#connect
    try {
      this.#shell = sessions.create(this.#peer, this.#connect.sessionId, (birth) => new Shell(birth, this.#connect))
      const route = { host, port, username, password, privateKey, passphrase, jump: [], interactive: true }
      const connection = await this.#shell.reach(route)
      await this.#answers.remember()
      this.#forget()
      if (this.#over) return
      this.#connection = connection
      this.#welcome()
      this.#patience = setTimeout(
        () => this.#shell?.end('failure', new Refusal('session-state', { detail: 'The client has sent no terminal' })),
        config.limits.loginMs,
      )
    } catch (error) {
      this.#forget()
      const refusal = error instanceof Refusal ? (this.#answers.refusal ?? error) : new Refusal('internal')
      this.#shell?.drop('failure', refusal)
      if (!(error instanceof Refusal)) this.#bug(error)
      if (this.#over) return
      this.#over = true
      this.#options.log('refused', { request: 'authenticate', socket: this.#socket.id, code: refusal.code })
      this.#socket.emit('connection-error', connectionError(refusal, host, port))
    }
  }

  /** Opens the shell; a second one is a new size of the first. */
  async terminal(asked: Webssh2Message<'terminal'>): Promise<void> {
    const { cols = this.#size.cols, rows = this.#size.rows } = asked
    this.resize({ cols, rows })
    const [shell, connection] = [this.#shell, this.#connection]
    if (!shell || !connection || this.#started || this.#over) return
    this.#started = true
    clearTimeout(this.#patience)
    try {
      await shell.start(
        connection,
        { term: termOf(asked.term) ?? this.#connect.term, env: {}, command: undefined },
        this.#size,
      )
      const early = this.#early.splice(0)
      for (const data of early) this.input(data)
    } catch (error) {
      if (!(error instanceof Refusal)) this.#bug(error)
      shell.end('failure', error instanceof Refusal ? error : new Refusal('internal'))
    }
  }

  /** What was typed; before there is a shell it waits. */
  input(data: string): void {
    if (this.#over || !this.#shell || !this.#connection) return
    if (this.#shell.state === 'open') {
      this.#shell.write(data, undefined)
      return
    }
    const waiting = this.#early.reduce((sum, { length }) => sum + length, 0)
    if (waiting + data.length > EARLY_MAX) this.#shell.end('failure', new Refusal('too-large', { phase: 'shell' }))
    else this.#early.push(data)
  }

  resize({ cols, rows }: Size): void {
    const within = (value: number) => Math.min(bounds.dimension, Math.trunc(value))
    this.#size = { cols: within(cols), rows: within(rows) }
    if (this.#shell?.state === 'open') this.#shell.resize(this.#size)
  }

  /** Types the password that the client logged in with. */
  replay(): void {
    if (this.#password !== undefined) this.input(`${this.#password}\n`)
    else this.#socket.emit('ssherror', 'Replaying credentials is not allowed')
  }

  /** Runs a command beside the shell. */
  async exec(asked: Webssh2Message<'exec'>): Promise<void> {
    const connection = this.#connection
    if (connection && !this.#over) await this.#exec.run(connection, asked, this.#size)
    else this.#socket.emit('ssherror', 'No SSH connection')
  }

  /** Ends all that this login began, without a word to the client. */
  close(): void {
    this.#over = true
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#patience)
    this.#exec.close()
    const leave = () => {
      clearTimeout(timer)
      this.#options.sessions.leave(this.#peer)
    }
    const timer = setTimeout(leave, CLEARING_MS)
    const clearing = this.#files.close()
    if (clearing) void clearing.then(leave)
    else leave()
  }

  /** In the order in which WebSSH2's own server says it. */
  #welcome(): void {
    const { config } = this.#options
    const { host, port } = this.#connect
    this.#socket.emit('authentication', { action: 'auth_result', success: true })
    this.#socket.emit('permissions', {
      autoLog: false,
      allowReplay: config.webssh2Replay,
      allowReconnect: true,
      allowReauth: true,
      hostKeyVerification: hostKeyVerification(config),
    })
    this.#socket.emit('sftp-status', {
      enabled: true,
      config: {
        maxFileSize: Number.MAX_SAFE_INTEGER,
        chunkSize: CHUNK,
        maxConcurrentTransfers: TRANSFERS_MAX,
        hasPathRestrictions: false,
        blockedExtensions: [],
      },
    })
    this.#socket.emit('getTerminal', true)
    this.#socket.emit('updateUI', { element: 'footer', value: `ssh://${host}:${port}` })
    this.#socket.emit('updateUI', { element: 'status', value: 'Connected' })
  }

  /** The client acknowledges nothing: what the transport has taken counts as rendered. */
  #output({ data, offset = 0 }: ServerPayload<'ssh-data'>): void {
    if (this.#over) return
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data as Uint8Array)
    this.#sent = offset + bytes.length
    const outflow = Outflow.of(this.#peer)
    outflow.add(bytes.length)
    outflow.whenDrained(this.#taken)
    this.#socket.emit('data', bytes)
  }

  readonly #taken = (): void => {
    if (this.#shell?.state === 'open') this.#shell.ack(this.#sent, undefined)
  }

  #ended(reason: EndReason): void {
    if (this.#over) return
    this.close()
    const said = endings[reason]
    if (said !== undefined) this.#socket.emit('ssherror', said)
    this.#socket.disconnect(true)
  }

  /** The secrets of the login are needed no more. */
  #forget(): void {
    this.#connect.password = this.#connect.privateKey = this.#connect.passphrase = undefined
    this.#answers.forget()
  }

  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#bug(error)
      this.#shell?.end('failure', new Refusal('internal'))
    })
  }

  #bug(error: unknown): void {
    this.#options.log('bug', { where: 'webssh2', error: String((error as Error | undefined)?.stack ?? error) })
  }
}

/** @param heldBack the password is for questions only */
function connectOf(asked: Webssh2Login, heldBack: boolean) {
  const { host, port, username, password, privateKey, passphrase, cols, rows } = asked
  return {
    sessionId: `webssh2-${randomUUID()}`,
    host,
    port,
    username,
    password: heldBack ? undefined : (password ?? undefined),
    privateKey: privateKey || undefined,
    passphrase: passphrase || undefined,
    cols,
    rows,
    term: termOf(asked.term) ?? TERM,
    interactive: true,
    binary: true,
  }
}

const termOf = (term: string | null | undefined) => (v.is(Term, term) ? term : undefined)
