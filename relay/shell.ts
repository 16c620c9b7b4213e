import { StringDecoder } from 'node:string_decoder'
import type { ClientChannel } from 'ssh2'
import { Refusal } from '../shared/failure.ts'
import {
  attachBytes,
  authoriseBytes,
  type ClientMessage,
  type Ended,
  type ListedSession,
  type ServerPayload,
} from '../shared/protocol.ts'
import { shortText } from '../shared/shortText.ts'
import type { LentKeys } from './agent.ts'
import { AttachKeys } from './attachKeys.ts'
import type { Connection, ProgramEvents } from './connection.ts'
import { Outflow } from './outflow.ts'
import { OutputLog } from './outputLog.ts'
import type { ReceiveWindow } from './receiveWindow.ts'
import { type Picture, Screen } from './screen.ts'
import { type Birth, type EndReason, type Peer, type Route, Session } from './session.ts'
import { StderrMarks } from './stderrMarks.ts'

type Connect = ClientMessage<'ssh-connect'>
type Program = Pick<Connect, 'term' | 'env' | 'command'>

/** Bytes sent for one session in one turn of the loop, so that a flood does not hold up its neighbours. */
const BATCH = 64 * 1024
/** Bytes on their way for a session beside which, on the same socket, somebody has typed so many milliseconds ago. */
const BESIDE = { window: 64 * 1024, ms: 1000 }
/** Milliseconds between two sizes that are passed on: at most 20 a second. */
const RESIZE_MS = 50
/** Milliseconds that acknowledgements of input are gathered. */
const INPUT_ACK_MS = 10
/** Bytes of input that may wait for a server which does not read; a client that keeps to its offsets stays far below. */
const INPUT_MAX = 16 * 1024 * 1024
/** Pages of which it is known how far their input goes. */
const TYPISTS = 16
/** UTF-16 units of a command that are listed. */
const COMMAND_LISTED = 1024

/** The session that was last typed into, by socket, and when. */
const typedInto = new WeakMap<Peer, { session: Shell; at: number }>()

/** A shell, or one command, with a terminal; a command also without. */
export class Shell extends Session {
  readonly failureEvent = 'ssh-error'
  protected readonly overEvent = 'ssh-disconnected'
  readonly #binary: boolean
  readonly #keys: AttachKeys | undefined
  readonly #destination: Pick<ListedSession, 'host' | 'port' | 'username' | 'jump' | 'command' | 'commandCut'>
  readonly #asked: Pick<Connect, 'forwardAgent' | 'interactive' | 'identities' | 'host' | 'port' | 'username'>
  readonly #log: OutputLog
  readonly #screen: Screen
  readonly #maxWindow: number
  /** Bytes that may be on their way from the server to the screen. */
  #window: number
  readonly #decoder = new StringDecoder('utf8')
  /** Of a command without a terminal only. */
  readonly #stderr: { marks: StderrMarks; decoder: StringDecoder } | undefined
  #channel: ClientChannel | undefined
  #receive: ReceiveWindow | undefined
  #size: { cols: number; rows: number }
  #resizing: NodeJS.Timeout | undefined
  #resized = false
  /** Offset of the next byte to send, and the offset that the client has rendered. */
  #sent = 0
  #acked = 0
  #scheduled = false
  #inputOffset = 0
  #inputHandedOver = 0
  #inputAck: NodeJS.Timeout | undefined
  #holding: NodeJS.Timeout | undefined
  /** Queries in output before this offset have been answered. */
  #answeredTo = 0
  #typist: string | undefined
  /** How far the input of each page that typed goes, the last one last. */
  readonly #typedTo = new Map<string, number>()
  #finished = false
  #exit: { exitCode?: number; signal?: string } = {}
  #heardAt = performance.now()

  constructor(birth: Birth, connect: Connect) {
    super(birth)
    const { limits } = this.around.config
    this.#binary = connect.binary
    if (connect.resume && !connect.binary)
      throw new Refusal('bad-request', { detail: 'To be resumable a session needs binary output' })
    if (connect.pty === false) {
      if (connect.command === undefined || connect.resume)
        throw new Refusal('bad-request', { detail: 'Only a command that is not to be resumed goes without a terminal' })
      this.#stderr = { marks: new StderrMarks(), decoder: new StringDecoder('utf8') }
    }
    this.#keys = connect.resume && new AttachKeys(connect.resume)
    this.#destination = destinationOf(connect)
    const { forwardAgent, interactive, identities, host, port, username } = connect
    this.#asked = { forwardAgent, interactive, identities, host, port, username }
    this.#log = new OutputLog(limits.log)
    this.#screen = new Screen(this.#log, connect, {
      taken: () => this.#grant(),
      opened: () => this.around.log('screen', { session: this.id }),
      stumbled: (error) => this.#bug(error),
      failed: (error) => {
        this.#bug(error)
        this.end('failure')
      },
    })
    this.#maxWindow = Math.min(limits.window, limits.log / 2)
    this.#window = Math.min(connect.window ?? limits.window, this.#maxWindow)
    this.#size = { cols: connect.cols, rows: connect.rows }
    this.#typist = connect.typist
  }

  get memory(): number {
    return this.#log.size + this.#screen.memory
  }

  get resumable(): boolean {
    return this.#keys !== undefined
  }

  /** Bytes of output so far. */
  get outputBytes(): number {
    return this.#log.end
  }

  /** Bytes of input so far. */
  get inputBytes(): number {
    return this.#inputOffset
  }

  /** What is kept of it when it ends: who may know, and what; undefined where nobody can come back. */
  lastWords(reason: EndReason, refusal: Refusal | undefined): { keys: AttachKeys; ended: Ended } | undefined {
    if (!this.#keys) return undefined
    return { keys: this.#keys, ended: { reason, ...this.#exit, ...(refusal && { failure: refusal.toFailure() }) } }
  }

  protected override get exit(): { exitCode?: number; signal?: string } {
    return this.#exit
  }

  /**
   * Connects, or shares the connection of a session that goes the same way, and starts the program.
   * @returns whether it is shared
   * @throws Refusal with the phase that failed
   */
  open(route: Route, program: Program, near?: Session): Promise<boolean> {
    return this.openBeside(route, near, (connection) => this.start(connection, program))
  }

  /** Connects and logs in; `start` is to follow. @throws Refusal with the phase that failed */
  reach(route: Route): Promise<Connection> {
    return this.connect(route)
  }

  /** Shares the connection of another session: no second login. @throws Refusal `no-session` where this one ended meanwhile */
  reachOn(connection: Connection): Connection {
    this.share(connection)
    return connection
  }

  /** Starts the program. @param size where it has changed since. @throws Refusal `shell-refused`, or why the connection ended */
  async start(connection: Connection, { term, env, command }: Program, size = this.#size): Promise<void> {
    this.#size = size
    const { channel, window } = await connection.shell(
      this.#stderr ? undefined : { ...this.#size, term },
      env,
      command,
      this.#window,
      this.#events,
      this.#lent(connection),
    )
    if (connection.ended.aborted) throw connection.ended.reason
    if (this.signal.aborted) {
      channel.destroy()
      throw new Refusal('no-session')
    }
    this.step('opened')
    this.#channel = channel
    this.#receive = window
    connection.ended.addEventListener('abort', () => this.#lost(connection.ended.reason), { signal: this.signal })
    if (!this.peer) this.step('lost')
    this.#schedule()
  }

  /** The keys that the host may have something signed with; each signature is a question to whoever has the session. */
  #lent({ identities }: Connection): LentKeys | undefined {
    const { forwardAgent, interactive, host, port, username } = this.#asked
    if (!forwardAgent || !interactive) return undefined
    const keys = new Map([...identities, ...(this.#asked.identities ?? [])].map((key) => [key.publicKey, key]))
    if (keys.size === 0) return undefined
    return {
      keys: [...keys.values()],
      sign: async ({ publicKey, data, flags }) => {
        const answer = await this.ask({
          kind: 'agent-sign',
          host,
          port,
          username,
          publicKey: publicKey.toString('base64'),
          data: data.toString('base64'),
          flags,
        })
        return answer.kind === 'agent-sign' ? Buffer.from(answer.signature, 'base64') : undefined
      },
    }
  }

  /**
   * Input from the client.
   * @param offset position of its first byte among all input; what has been had already is dropped
   * @param answers where it replies to queries: the offset of the output that they stand before
   * @throws Refusal `session-state` while there is no shell, or where input before the offset is missing
   */
  write(data: string | Uint8Array, offset: number | undefined, answers = 0): void {
    const channel = this.#open()
    if (this.#stderr) throw new Refusal('session-state', { detail: 'A command without a terminal gets no input' })
    if (this.peer) typedInto.set(this.peer, { session: this, at: performance.now() })
    let bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data
    if (offset !== undefined) {
      if (offset > this.#inputOffset)
        throw new Refusal('session-state', { detail: 'Input before this offset is missing' })
      bytes = bytes.subarray(Math.min(bytes.length, this.#inputOffset - offset))
    }
    this.#inputOffset += bytes.length
    this.#answeredTo = Math.max(this.#answeredTo, Math.min(answers, this.#log.end))
    if (this.#typist !== undefined) {
      this.#typedTo.delete(this.#typist)
      this.#typedTo.set(this.#typist, this.#inputOffset)
      const [oldest] = this.#typedTo.keys()
      if (this.#typedTo.size > TYPISTS && oldest !== undefined) this.#typedTo.delete(oldest)
    }
    if (bytes.length === 0) {
      this.#ackInput()
      return
    }
    if (channel.writableLength > INPUT_MAX) {
      this.end('failure', new Refusal('too-large', { phase: 'shell', detail: 'The program does not read its input' }))
      return
    }
    const end = this.#inputOffset
    channel.write(bytes, () => {
      this.#inputHandedOver = end
      this.#ackInput()
    })
  }

  /**
   * The client has rendered all output before the offset.
   * @param window bytes that it will take from now on, bounded by the limit
   * @throws Refusal `bad-request` beyond what was sent
   */
  ack(offset: number, window: number | undefined): void {
    if (!this.#binary) throw new Refusal('session-state', { detail: 'Only output in bytes is acknowledged' })
    if (offset > this.#sent) throw new Refusal('bad-request')
    if (window !== undefined) this.#window = Math.min(window, this.#maxWindow)
    else if (offset <= this.#acked) return
    this.#acked = Math.max(this.#acked, offset)
    this.#schedule()
  }

  /**
   * What the client's terminal shows, for the time when nobody is attached and the log is not long enough.
   * @throws Refusal `bad-request` for more than it has rendered
   */
  keepScreen(picture: Picture): void {
    if (!this.#keys) throw new Refusal('session-state')
    if (picture.offset > this.#sent) throw new Refusal('bad-request')
    this.#screen.keep(picture)
  }

  /** A new size for the terminal; passed on at most 20 times a second, the last one always. */
  resize(size: { cols: number; rows: number }): void {
    this.#open()
    if (this.#stderr) return
    this.#size = size
    this.#screen.resize(size)
    this.#resized = true
    if (!this.#resizing) this.#passSize()
  }

  #passSize(): void {
    this.#resizing = undefined
    if (!this.#resized) return
    this.#resized = false
    this.#channel?.setWindow(this.#size.rows, this.#size.cols, 0, 0)
    this.#resizing = setTimeout(() => this.#passSize(), RESIZE_MS)
  }

  /**
   * Gives the session to a socket that proves that it may have it; output goes on from `offset`, or from the first byte
   * that is still kept.
   * @param typist the page whose input comes from now on
   * @throws Refusal `attach-refused`, or `bad-request` for an offset beyond the end
   */
  attach(
    peer: Peer,
    offset: number,
    signature: Uint8Array,
    asked: { nonce: string; epoch: string },
    typist?: string,
  ): ServerPayload<'ssh-attached'> {
    this.#guarded((keys) => keys.attach(attachBytes({ ...asked, sessionId: this.id, offset }), signature))
    if (offset > this.#log.end) throw new Refusal('bad-request')
    this.attachTo(peer)
    this.#unhold()
    this.#typist = typist
    const ownInput = typist === undefined ? undefined : this.#typedTo.get(typist)
    const screen = this.#screen.attach()
    // What the server may send at once pushes as much out of the log.
    const first = Math.max(this.#log.start, this.#log.end + (this.#receive?.left ?? 0) - this.#log.max)
    const beyond = offset < first
    const from = beyond ? Math.max(first, screen?.offset ?? 0) : offset
    this.#sent = this.#acked = from
    this.#window = this.#maxWindow
    // The reply goes out in this turn of the loop, the output in the next.
    this.#schedule()
    this.prompts.repeat()
    return {
      sessionId: this.id,
      state: this.state as 'connecting' | 'prompting' | 'open',
      offset: from,
      inputOffset: this.#inputOffset,
      answeredTo: this.#answeredTo,
      ...(ownInput !== undefined && { ownInput }),
      missing: from - offset,
      ...(beyond && screen && { screen: { data: screen.data, cols: screen.cols, rows: screen.rows } }),
    }
  }

  /** Lets another key take the session up. @throws Refusal `attach-refused`, or `bad-request` for another kind of key */
  authorise(
    { key, once }: Pick<ClientMessage<'ssh-authorise'>, 'key' | 'once'>,
    signature: Uint8Array,
    asked: { nonce: string; epoch: string },
  ): void {
    const signed = authoriseBytes({ ...asked, sessionId: this.id, key, once })
    this.#guarded((keys) => keys.authorise(key, once, signed, signature))
  }

  /** Tries a signature; where it was the guess too many, whoever has the session is told. */
  #guarded(tried: (keys: AttachKeys) => void): void {
    const keys = this.#keys
    if (!keys) throw new Refusal('attach-refused')
    const locked = keys.lockedMs > 0
    try {
      tried(keys)
    } finally {
      if (!locked && keys.lockedMs > 0) this.emit('ssh-locked', { sessionId: this.id, ms: keys.lockedMs })
    }
  }

  /** How it is listed to a socket of its principal. */
  listed(peer: Peer): ListedSession {
    const now = performance.now()
    return {
      sessionId: this.id,
      ...this.#destination,
      state: this.state,
      attached: this.peer === peer ? 'here' : this.peer ? 'elsewhere' : 'nobody',
      resumable: this.resumable,
      ageMs: Math.round(now - this.openedAt),
      quietMs: Math.round(now - this.#heardAt),
      bytes: this.#log.end,
    }
  }

  override detach(): void {
    super.detach()
    this.#screen.leave(this.#receive?.left ?? 0)
    this.#grant()
  }

  /**
   * Its client has fallen silent: dead, or a page that has stalled. So that the latter finds all its output when it comes
   * back, the program waits for a while as if it were there.
   */
  hold(): void {
    this.#holding ??= setTimeout(() => this.#unhold(), this.around.config.limits.holdMs)
  }

  #unhold(): void {
    clearTimeout(this.#holding)
    this.#holding = undefined
    this.#grant()
  }

  protected release(): void {
    this.#screen.end()
    clearTimeout(this.#holding)
    clearTimeout(this.#resizing)
    clearTimeout(this.#inputAck)
    this.#channel?.destroy()
  }

  /** Of the terminal in `screen.ts`. */
  #bug(error: unknown): void {
    const stack = error instanceof Error ? error.stack : undefined
    this.around.log('bug', { session: this.id, error: String(error), stack })
  }

  #open(): ClientChannel {
    if (!this.#channel || this.#finished) throw new Refusal('session-state')
    return this.#channel
  }

  readonly #events: ProgramEvents = {
    output: (chunk, stderr) => {
      this.#heardAt = performance.now()
      this.#stderr?.marks.mark(this.#log.end, stderr)
      this.#log.append(chunk)
      if (this.peer) this.#schedule()
      else this.#grant()
    },
    exit: (code, signal) => {
      if (code !== null) this.#exit = { exitCode: code }
      else if (signal) this.#exit = { signal: signal.replace(/^SIG/, '').slice(0, 32) }
    },
    closed: () => {
      this.#finished = true
      this.#schedule()
    },
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#flush)
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    const { peer } = this
    if (!peer || this.state !== 'open') return
    const log = this.#log
    const outflow = this.#binary ? undefined : Outflow.of(peer)
    if (outflow?.full(this.#window)) {
      outflow.whenDrained(this.#flush)
    } else {
      const room = this.#binary ? this.#acked + this.#allowed - this.#sent : this.#window
      const { stderr = false, until = log.end } = this.#stderr?.marks.at(this.#sent) ?? {}
      const length = Math.min(log.end - this.#sent, BATCH, room, until - this.#sent)
      if (length > 0) {
        const data = log.read(this.#sent, length)
        const offset = this.#sent
        this.#sent += length
        if (outflow) {
          this.#acked = this.#sent
          outflow.add(length)
          const text = (stderr ? this.#stderr?.decoder : this.#decoder)?.write(data)
          if (text) this.emit('ssh-data', { sessionId: this.id, data: text, ...(stderr && { stderr }) })
        } else {
          this.emit('ssh-data', { sessionId: this.id, data: shortText(data), offset, ...(stderr && { stderr }) })
        }
        if (this.#sent < log.end && length < room) this.#schedule()
      }
    }
    this.#grant()
    if (this.#finished && this.#acked === log.end) this.#over()
  }

  /** Bytes that may be on their way just now: what a neighbour's echo would have to wait behind is kept short. */
  get #allowed(): number {
    const typed = this.peer && typedInto.get(this.peer)
    const beside = typed && typed.session !== this && performance.now() - typed.at < BESIDE.ms
    return beside ? Math.min(this.#window, BESIDE.window) : this.#window
  }

  /** The transport is gone: what came before is still delivered, unless the server is one to be cut off. */
  #lost(refusal: Refusal): void {
    this.#finished = true
    if (refusal.code === 'server-broke-protocol') this.end('failure', refusal)
    else this.#schedule()
  }

  #over(): void {
    const rest = this.#decoder.end()
    const errorRest = this.#stderr?.decoder.end()
    if (rest && !this.#binary) this.emit('ssh-data', { sessionId: this.id, data: rest })
    if (errorRest && !this.#binary) this.emit('ssh-data', { sessionId: this.id, data: errorRest, stderr: true })
    const exited = this.#exit.exitCode !== undefined || this.#exit.signal !== undefined
    const lost: Refusal | undefined = exited ? undefined : this.connection?.ended.reason
    this.end(lost ? 'failure' : 'exit', lost)
  }

  /**
   * Lets the server send on. What it may send and what the client owes are together at most one window, so that nothing
   * piles up anywhere between them and Ctrl-C has little to wait for. While nobody is attached the program is not to
   * stop: output goes on into the log, as fast as the screen takes what the log must let go of.
   */
  #grant(): void {
    const receive = this.#receive
    if (!receive) return
    const attached = this.peer !== undefined || this.#holding !== undefined
    const owed = attached ? this.#log.end - this.#acked : 0
    const allowed = this.#allowed
    const bytes = Math.min(allowed - owed, attached ? allowed : this.#screen.room) - receive.left
    if (bytes >= allowed / 4) receive.grant(bytes)
    if (!attached) this.#screen.makeRoom(allowed)
  }

  #ackInput(): void {
    if (!this.#keys || this.#inputAck) return
    this.#inputAck = setTimeout(() => {
      this.#inputAck = undefined
      this.emit('ssh-ack', { sessionId: this.id, offset: this.#inputHandedOver })
    }, INPUT_ACK_MS)
  }
}

/** Where a connect goes, without its secrets. */
function destinationOf({ host, port, username, jump, command }: Connect) {
  const cut = command !== undefined && command.length > COMMAND_LISTED
  return {
    host,
    port,
    username,
    jump: jump.map((hop) => ({ host: hop.host, port: hop.port, username: hop.username })),
    ...(command !== undefined && {
      command: cut ? `${command.slice(0, COMMAND_LISTED).replace(/[\ud800-\udbff]$/, '')}…` : command,
    }),
    ...(cut && { commandCut: true }),
  }
}
