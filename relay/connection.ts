import { setMaxListeners } from 'node:events'
import type { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import ssh2 from 'ssh2'
import { Refusal } from '../shared/failure.ts'
import type { OfferedKey } from '../shared/protocol.ts'
import { ForwardedAgent, type LentKeys } from './agent.ts'
import type { AuditFile } from './audit.ts'
import type { Config } from './config.ts'
import { dial, type Lookup } from './dial.ts'
import { type Caller, Handshake } from './handshake.ts'
import type { KnownHosts } from './knownHosts.ts'
import type { Log } from './log.ts'
import { type Hop, withoutSecrets } from './login.ts'
import type { Policy } from './policy.ts'
import { ReceiveWindow } from './receiveWindow.ts'
import type { Tally } from './tally.ts'
import { type Bytes, Traffic } from './traffic.ts'

/** What every connection of a relay uses. */
export interface Surroundings {
  config: Config
  log: Log
  policy: Policy
  knownHosts: KnownHosts
  /** Replaces name resolution. */
  lookup?: Lookup | undefined
  /** What is counted for the metrics. */
  tally: Tally
  /** Where sessions are recorded beside the log. */
  audit?: AuditFile | undefined
}

/** A part of the way to a host, as it is recorded when the session ends. */
export interface Passage {
  host: string
  port: number
  username: string
  /** The address that was dialled; a hop after the first is dialled by the server before it. */
  address?: string
  /** Fingerprint of the host key that was accepted, and of the key that was logged in with. */
  hostKey?: string
  /** What the server was satisfied with in the end. */
  method?: string
  key?: string
}

/** The server opens no further channel: it has as many as it takes (`MaxSessions`), or does not answer. */
export class NoRoom extends Refusal {}

/** What a shell or command does. */
export interface ProgramEvents {
  output(chunk: Buffer, stderr: boolean): void
  /** It has ended, with a status or by a signal; not every server tells. */
  exit(code: number | null, signal?: string): void
  /** Nothing more will come. */
  closed(): void
}

/** Bytes that a subsystem may send before they are read: a far host is to send all that is asked of it without a pause. */
const SUBSYSTEM_WINDOW = 8 * 1024 * 1024
/** Milliseconds that a server has to take what was sent and to hang up, once the last session has let go. */
const LINGER_MS = 2000
/** A connect that finds no SSH server fails at a multiple of this, so that the time tells nothing of what is there. */
const UNIFORM_MS = 500

/** One authenticated SSH transport, shared by the sessions that hold it; the last to let go closes it. */
export class Connection {
  /** Without its secrets. */
  readonly hop: Hop
  /** The keys that the browser offered for this hop. */
  identities: readonly OfferedKey[] = []
  readonly #client = new ssh2.Client()
  /** What the client talks over; ssh2 lets go of it, without closing it, once it has said goodbye. */
  #stream: Duplex | undefined
  #via: Connection | undefined
  readonly #around: Surroundings
  readonly #passage: Passage
  readonly #ended = new AbortController()
  readonly #agent = new ForwardedAgent(() => this.#overrun())
  #holders = 0
  #traffic: Traffic | undefined

  private constructor(hop: Hop, via: Connection | undefined, around: Surroundings, passage: Passage) {
    this.hop = withoutSecrets(hop)
    // As many as share it listen.
    setMaxListeners(0, this.#ended.signal)
    this.#passage = passage
    this.#via = via?.hold()
    this.#around = around
  }

  /**
   * Dials, checks the host key, logs in.
   * @param via the hop before, whose server opens the way
   * @throws Refusal with the phase that failed
   */
  static async open(hop: Hop, via: Connection | undefined, around: Surroundings, caller: Caller): Promise<Connection> {
    const connection = new Connection(hop, via, around, caller.passage)
    try {
      const started = performance.now()
      connection.#stream = await connection.#dial(caller, started)
      caller.signal.throwIfAborted()
      await connection.#logIn(hop, connection.#stream, caller, started)
      return connection
    } catch (error) {
      connection.#destroy()
      throw error
    }
  }

  /** Aborted, with a Refusal as reason, when the transport is gone. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** The connections that it goes through, first hop first, and itself. */
  get chain(): readonly Connection[] {
    return [...(this.#via?.chain ?? []), this]
  }

  /** How it got here, first hop first. */
  get passages(): readonly Passage[] {
    return this.chain.map((connection) => connection.#passage)
  }

  /** What the server calls itself in its identification (RFC 4253 §4.2), e.g. `OpenSSH_9.2p1`. */
  get serverSoftware(): string {
    // Private to ssh2, which is pinned; `test/relay/fileHandlers.test.ts` fails when it moves.
    return (this.#client as unknown as { _remoteVer?: string })._remoteVer ?? ''
  }

  /** Whether as many sessions share it as may. */
  get full(): boolean {
    return this.#holders >= this.#around.config.limits.sessionsPerConnection
  }

  /** Keeps the connection open until as many `release` calls. */
  hold(): this {
    this.#holders += 1
    return this
  }

  release(): void {
    this.#holders -= 1
    if (this.#holders > 0 || this.ended.aborted) return
    this.#client.end()
    this.#linger()
  }

  /** Hangs up in a while, if the server does not. */
  #linger(): void {
    if (this.ended.aborted) return
    const timer = setTimeout(() => this.#destroy(), LINGER_MS)
    this.ended.addEventListener('abort', () => clearTimeout(timer))
  }

  /**
   * A shell, or one command, on a terminal. What becomes of it is told as it comes, also before this resolves; the server
   * may send `window` bytes, and more as they are granted.
   * @param pty undefined runs the command without a terminal, and without input
   * @param lent keys that programs there may have something signed with, if the server forwards agents
   * @throws Refusal `shell-refused`
   */
  shell(
    pty: { cols: number; rows: number; term: string } | undefined,
    env: Record<string, string>,
    command: string | undefined,
    window: number,
    on: ProgramEvents,
    lent?: LentKeys,
  ): Promise<{ channel: ClientChannel; window: ReceiveWindow }> {
    const client = this.#client
    const overrun = () => this.#overrun()
    const takeBack = lent && this.#agent.lend(lent)
    const close = (late: { channel: ClientChannel; window: ReceiveWindow }) => late.channel.close()
    return this.#channel('shell-refused', 'shell', close, (done) => {
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        if (error) {
          takeBack?.()
          return done(error)
        }
        if (takeBack) channel.once('close', takeBack)
        // In this very turn: all of it may follow in the same packet.
        channel.on('exit', on.exit)
        channel.on('close', on.closed)
        // A write that races with the end of the channel errs; the end itself is told by `close`.
        channel.on('error', () => undefined)
        if (!pty) channel.end()
        done(undefined, { channel, window: new ReceiveWindow(client, channel, window, { data: on.output, overrun }) })
      }
      const size = pty && { ...pty, width: 0, height: 0 }
      ReceiveWindow.openWith(client, window, () => {
        const options = { env, ...(lent && { agentForward: true }) }
        if (command === undefined) client.shell(size ?? false, options, opened)
        else client.exec(command, { ...(size && { pty: size }), ...options }, opened)
      })
    })
  }

  #overrun(): void {
    this.#end(new Refusal('server-broke-protocol', { phase: 'shell' }))
    this.#destroy()
  }

  /** A program of the server's by its name (RFC 4254 §6.5). Who asks reads all of it at once. @throws Refusal `sftp-refused` */
  subsystem(name: string): Promise<ClientChannel> {
    const client = this.#client
    return this.#channel<ClientChannel>('sftp-refused', 'files', closeLate, (done) =>
      ReceiveWindow.openWith(client, SUBSYSTEM_WINDOW, () =>
        client.subsys(name, (error, channel) => {
          if (!error) {
            ReceiveWindow.keepOpen(client, channel, SUBSYSTEM_WINDOW)
            // What it says beside is nobody's, and would use up the window.
            channel.stderr.resume()
          }
          done(error, channel)
        }),
      ),
    )
  }

  /** A command without a terminal. Who asks reads all that it writes, at once. @throws Refusal `shell-refused` */
  exec(command: string): Promise<ClientChannel> {
    return this.#channel<ClientChannel>('shell-refused', 'files', closeLate, (done) => this.#client.exec(command, done))
  }

  /** Counts the bytes of a channel from now on, until it closes. */
  count(channel: ClientChannel): Bytes {
    this.#traffic ??= new Traffic(this.#client)
    return this.#traffic.count(channel)
  }

  #channel<T>(
    code: 'shell-refused' | 'sftp-refused',
    phase: 'shell' | 'files',
    closeLate: (channel: T) => void,
    open: (done: (error: Error | undefined, channel?: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      let settled = false
      const refuse = (cause?: unknown) => {
        settled = true
        clearTimeout(timer)
        this.ended.removeEventListener('abort', onEnded)
        const Kind = cause === undefined || (cause as { reason?: unknown }).reason !== undefined ? NoRoom : Refusal
        reject(this.ended.aborted ? this.ended.reason : new Kind(code, { phase, cause }))
      }
      const onEnded = () => refuse()
      const timer = setTimeout(() => refuse(), this.#around.config.limits.keyExchangeMs)
      this.ended.addEventListener('abort', onEnded)
      if (this.ended.aborted) return refuse()
      try {
        open((error, channel) => {
          if (error || channel === undefined) return refuse(error)
          if (settled) return closeLate(channel)
          clearTimeout(timer)
          this.ended.removeEventListener('abort', onEnded)
          resolve(channel)
        })
      } catch (error) {
        refuse(error)
      }
    })
  }

  async #dial(caller: Caller, started: number): Promise<Duplex> {
    const { hop } = this
    const { policy, config, lookup } = this.#around
    if (this.#via) {
      return this.#via.#forward(policy.checkBeyond(hop.host, hop.port), hop.port, caller.signal)
    }
    try {
      const { tcpMs } = config.limits
      const { socket, address } = await dial(hop.host, hop.port, { policy, tcpMs, signal: caller.signal, lookup })
      caller.passage.address = address
      caller.passed({
        phase: 'connection',
        found: `${address}, port ${hop.port} answers`,
        ms: Math.round(performance.now() - started),
      })
      return socket
    } catch (error) {
      if (error instanceof Refusal && error.code === 'no-ssh-server') await uniform(started)
      throw error
    }
  }

  #forward(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      let settled = false
      const refuse = () => {
        settled = true
        clearTimeout(timer)
        signal.removeEventListener('abort', refuse)
        reject(signal.aborted ? signal.reason : new Refusal('no-ssh-server', { phase: 'connection' }))
      }
      const timer = setTimeout(refuse, this.#around.config.limits.tcpMs)
      signal.addEventListener('abort', refuse)
      if (signal.aborted || this.ended.aborted) return refuse()
      try {
        this.#client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
          if (error) return refuse()
          if (settled) return channel.close()
          clearTimeout(timer)
          signal.removeEventListener('abort', refuse)
          resolve(channel)
        })
      } catch {
        // ssh2 throws where its socket is closing.
        refuse()
      }
    })
  }

  async #logIn(hop: Hop, stream: Duplex, caller: Caller, started: number): Promise<void> {
    const { config, knownHosts } = this.#around
    try {
      const handshake = new Handshake(hop, caller, {
        client: this.#client,
        agent: this.#agent,
        limits: config.limits,
        knownHosts,
        ended: this.ended,
        end: (refusal) => {
          this.#end(refusal)
          this.#destroy()
        },
        linger: () => this.#linger(),
      })
      this.identities = await handshake.open(stream)
    } catch (error) {
      if (error instanceof Refusal && error.code === 'no-ssh-server') await uniform(started)
      throw error
    }
  }

  #end(refusal: Refusal): void {
    if (!this.#ended.signal.aborted) this.#ended.abort(refusal)
  }

  #destroy(): void {
    this.#end(new Refusal('server-disconnected'))
    this.#client.destroy()
    this.#stream?.destroy()
    this.#via?.release()
    this.#via = undefined
  }
}

function closeLate(channel: ClientChannel): void {
  channel.close()
}

/** Milliseconds from an elapsed time to the next multiple of `UNIFORM_MS`. */
export function untilUniform(elapsedMs: number): number {
  return UNIFORM_MS - (elapsedMs % UNIFORM_MS)
}

function uniform(started: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, untilUniform(performance.now() - started)))
}
