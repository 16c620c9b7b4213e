import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'
import type { ClientChannel } from 'ssh2'
import { Refusal } from '../shared/failure.ts'
import { attachBytes, type ClientMessage, type ServerPayload } from '../shared/protocol.ts'
import { shortText } from '../shared/shortText.ts'
import type { ProgramEvents } from './connection.ts'
import { Outflow } from './outflow.ts'
import { OutputLog } from './outputLog.ts'
import type { ReceiveWindow } from './receiveWindow.ts'
import { type Birth, type Peer, type Route, Session } from './session.ts'

type Connect = ClientMessage<'ssh-connect'>

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
/** Wrong signatures after which attaching is refused for a while. */
const ATTACH_TRIES = 10
const ATTACH_LOCK_MS = 60_000

/** The session that was last typed into, by socket, and when. */
const typedInto = new WeakMap<Peer, { session: Shell; at: number }>()

/** A shell, or one command, with a terminal. */
export class Shell extends Session {
  readonly failureEvent = 'ssh-error'
  protected readonly overEvent = 'ssh-disconnected'
  readonly #binary: boolean
  readonly #resumeKey: KeyObject | undefined
  readonly #log: OutputLog
  readonly #maxWindow: number
  /** Bytes that may be on their way from the server to the screen. */
  #window: number
  readonly #decoder = new StringDecoder('utf8')
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
  #finished = false
  #exit: { exitCode?: number; signal?: string } = {}
  #wrongAttaches = 0
  #attachLockedUntil = 0

  constructor(birth: Birth, connect: Connect) {
    super(birth)
    const { limits } = this.around.config
    this.#binary = connect.binary
    this.#resumeKey = connect.resume && readResumeKey(connect.resume, connect.binary)
    this.#log = new OutputLog(limits.log)
    this.#maxWindow = Math.min(limits.window, limits.log / 2)
    this.#window = Math.min(connect.window ?? limits.window, this.#maxWindow)
    this.#size = { cols: connect.cols, rows: connect.rows }
  }

  get memory(): number {
    return this.#log.size
  }

  get resumable(): boolean {
    return this.#resumeKey !== undefined
  }

  /** Bytes of output so far. */
  get outputBytes(): number {
    return this.#log.end
  }

  /** Bytes of input so far. */
  get inputBytes(): number {
    return this.#inputOffset
  }

  protected override get exit(): { exitCode?: number; signal?: string } {
    return this.#exit
  }

  /** Connects and starts the program. @throws Refusal with the phase that failed */
  async open(route: Route, { term, env, command }: Pick<Connect, 'term' | 'env' | 'command'>): Promise<void> {
    const connection = await this.connect(route)
    const { channel, window } = await connection.shell(
      { ...this.#size, term },
      env,
      command,
      this.#window,
      this.#events,
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

  /**
   * Input from the client.
   * @param offset position of its first byte among all input; what has been had already is dropped
   * @throws Refusal `session-state` while there is no shell, or where input before the offset is missing
   */
  write(data: string | Uint8Array, offset: number | undefined): void {
    const channel = this.#open()
    if (this.peer) typedInto.set(this.peer, { session: this, at: performance.now() })
    let bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data
    if (offset !== undefined) {
      if (offset > this.#inputOffset)
        throw new Refusal('session-state', { detail: 'Input before this offset is missing' })
      bytes = bytes.subarray(Math.min(bytes.length, this.#inputOffset - offset))
    }
    this.#inputOffset += bytes.length
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

  /** A new size for the terminal; passed on at most 20 times a second, the last one always. */
  resize(size: { cols: number; rows: number }): void {
    this.#open()
    this.#size = size
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
   * @throws Refusal `attach-refused`, or `bad-request` for an offset beyond the end
   */
  attach(
    peer: Peer,
    offset: number,
    signature: Uint8Array,
    asked: { nonce: string; epoch: string },
  ): ServerPayload<'ssh-attached'> {
    if (!this.#resumeKey || performance.now() < this.#attachLockedUntil) throw new Refusal('attach-refused')
    const signed = attachBytes({ ...asked, sessionId: this.id, offset })
    if (!verify('sha256', signed, { key: this.#resumeKey, dsaEncoding: 'ieee-p1363' }, signature)) {
      this.#wrongAttaches += 1
      if (this.#wrongAttaches % ATTACH_TRIES === 0) this.#attachLockedUntil = performance.now() + ATTACH_LOCK_MS
      throw new Refusal('attach-refused')
    }
    if (offset > this.#log.end) throw new Refusal('bad-request')
    this.attachTo(peer)
    const from = Math.max(offset, this.#log.start)
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
      missing: from - offset,
    }
  }

  override detach(): void {
    super.detach()
    this.#grant()
  }

  protected release(): void {
    clearTimeout(this.#resizing)
    clearTimeout(this.#inputAck)
    this.#channel?.destroy()
  }

  #open(): ClientChannel {
    if (!this.#channel || this.#finished) throw new Refusal('session-state')
    return this.#channel
  }

  readonly #events: ProgramEvents = {
    output: (chunk) => {
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
      const length = Math.min(log.end - this.#sent, BATCH, room)
      if (length > 0) {
        const data = log.read(this.#sent, length)
        const offset = this.#sent
        this.#sent += length
        if (outflow) {
          this.#acked = this.#sent
          outflow.add(length)
          const text = this.#decoder.write(data)
          if (text) this.emit('ssh-data', { sessionId: this.id, data: text })
        } else {
          this.emit('ssh-data', { sessionId: this.id, data: shortText(data), offset })
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
    if (rest && !this.#binary) this.emit('ssh-data', { sessionId: this.id, data: rest })
    const exited = this.#exit.exitCode !== undefined || this.#exit.signal !== undefined
    const lost: Refusal | undefined = exited ? undefined : this.connection?.ended.reason
    this.end(lost ? 'failure' : 'exit', lost)
  }

  /**
   * Lets the server send on. What it may send and what the client owes are together at most one window, so that nothing
   * piles up anywhere between them and Ctrl-C has little to wait for. While nobody is attached the program is not to
   * stop, and output goes on into the log.
   */
  #grant(): void {
    const receive = this.#receive
    if (!receive) return
    const owed = this.peer ? this.#log.end - this.#acked : 0
    const allowed = this.#allowed
    const bytes = allowed - owed - receive.left
    if (bytes >= allowed / 4) receive.grant(bytes)
  }

  #ackInput(): void {
    if (!this.#resumeKey || this.#inputAck) return
    this.#inputAck = setTimeout(() => {
      this.#inputAck = undefined
      this.emit('ssh-ack', { sessionId: this.id, offset: this.#inputHandedOver })
    }, INPUT_ACK_MS)
  }
}

function readResumeKey(spki: Uint8Array, binary: boolean): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    if (binary && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  } catch {
    // Not a key at all: refused below like a key of another kind.
  }
  throw new Refusal('bad-request', { detail: 'To be resumable a session needs binary output and a P-256 key' })
}
