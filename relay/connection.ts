import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { ClientChannel, NegotiatedAlgorithms, ServerHostKeyAlgorithm, SFTPWrapper } from 'ssh2'
import ssh2 from 'ssh2'
import { Refusal } from '../shared/failure.ts'
import type { Step } from '../shared/protocol.ts'
import { algorithms } from './algorithms.ts'
import type { Config } from './config.ts'
import { dial, type Lookup } from './dial.ts'
import { type KnownHosts, keyType } from './knownHosts.ts'
import type { Log } from './log.ts'
import { type Ask, type Hop, Login } from './login.ts'
import type { Policy } from './policy.ts'
import { ReceiveWindow } from './receiveWindow.ts'
import { boundUnasked } from './unasked.ts'

/** What every connection of a relay uses. */
export interface Surroundings {
  config: Config
  log: Log
  policy: Policy
  knownHosts: KnownHosts
  /** Replaces name resolution. */
  lookup?: Lookup | undefined
}

/** The session's side of a connect. */
export interface Caller {
  /** Absent where the client cannot be asked. */
  ask: Ask | undefined
  banner(hop: Hop, text: string): void
  /** A part of the way is behind us. */
  passed(step: Step): void
  signal: AbortSignal
}

/** What a shell or command does. */
export interface ProgramEvents {
  output(chunk: Buffer): void
  /** It has ended, with a status or by a signal; not every server tells. */
  exit(code: number | null, signal?: string): void
  /** Nothing more will come. */
  closed(): void
}

/** Bytes before the identification line (RFC 4253 §4.2), and of banners, that are taken from a server. */
const PREAMBLE_MAX = 64 * 1024
/** Bytes for which every banner counts at least. */
const BANNER_MIN = 256
/** Times that a server may ask for a new password. */
const PASSWORD_CHANGES = 3
/** Milliseconds that a server has to take what was sent and to hang up, once the last session has let go. */
const LINGER_MS = 2000
/** A connect that finds no SSH server fails at a multiple of this, so that the time tells nothing of what is there. */
const UNIFORM_MS = 500

const serverHostKey: ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/** One authenticated SSH transport, shared by the sessions that hold it; the last to let go closes it. */
export class Connection {
  readonly hop: Hop
  /** The host key that was accepted, as a whole blob. */
  hostKey: Buffer | undefined
  readonly #client = new ssh2.Client()
  /** What the client talks over; ssh2 lets go of it, without closing it, once it has said goodbye. */
  #stream: Duplex | undefined
  #via: Connection | undefined
  readonly #around: Surroundings
  readonly #ended = new AbortController()
  #holders = 0
  #accepted: Buffer | undefined
  #judged: 'new' | 'known' | 'answered' = 'known'

  private constructor(hop: Hop, via: Connection | undefined, around: Surroundings) {
    this.hop = hop
    this.#via = via?.hold()
    this.#around = around
  }

  /**
   * Dials, checks the host key, logs in.
   * @param via the hop before, whose server opens the way
   * @throws Refusal with the phase that failed
   */
  static async open(hop: Hop, via: Connection | undefined, around: Surroundings, caller: Caller): Promise<Connection> {
    const connection = new Connection(hop, via, around)
    try {
      const started = performance.now()
      connection.#stream = await connection.#dial(caller, started)
      caller.signal.throwIfAborted()
      await connection.#handshake(connection.#stream, caller, started)
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
   * @throws Refusal `shell-refused`
   */
  shell(
    pty: { cols: number; rows: number; term: string },
    env: Record<string, string>,
    command: string | undefined,
    window: number,
    on: ProgramEvents,
  ): Promise<{ channel: ClientChannel; window: ReceiveWindow }> {
    const client = this.#client
    const overrun = () => {
      this.#end(new Refusal('server-broke-protocol', { phase: 'shell' }))
      this.#destroy()
    }
    const close = (late: { channel: ClientChannel; window: ReceiveWindow }) => late.channel.close()
    return this.#channel('shell-refused', 'shell', close, (done) => {
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        if (error) return done(error)
        // In this very turn: all of it may follow in the same packet.
        channel.on('exit', on.exit)
        channel.on('close', on.closed)
        // A write that races with the end of the channel errs; the end itself is told by `close`.
        channel.on('error', () => undefined)
        done(undefined, { channel, window: new ReceiveWindow(client, channel, window, { data: on.output, overrun }) })
      }
      const size = { ...pty, width: 0, height: 0 }
      ReceiveWindow.openWith(client, window, () => {
        if (command === undefined) client.shell(size, { env }, opened)
        else client.exec(command, { pty: size, env }, opened)
      })
    })
  }

  /** @throws Refusal `sftp-refused` */
  sftp(): Promise<SFTPWrapper> {
    const close = (late: SFTPWrapper) => late.end()
    return this.#channel<SFTPWrapper>('sftp-refused', 'files', close, (done) => this.#client.sftp(done))
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
        reject(this.ended.aborted ? this.ended.reason : new Refusal(code, { phase, cause }))
      }
      const onEnded = () => refuse()
      const timer = setTimeout(refuse, this.#around.config.limits.keyExchangeMs)
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
      caller.passed({ phase: 'connection', found: `${address}, port ${hop.port} answers`, ms: since(started) })
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

  async #handshake(stream: Duplex, caller: Caller, started: number): Promise<void> {
    const { limits } = this.#around.config
    const client = this.#client
    let timer: NodeJS.Timeout | undefined
    let dialled = performance.now()
    let phase: 'connection' | 'key-exchange' | 'login' | undefined = 'connection'
    let asking = 0

    await new Promise<void>((resolve, reject) => {
      const fail = (refusal: Refusal) => {
        clearTimeout(timer)
        reject(refusal)
        this.#end(refusal)
        this.#destroy()
      }
      const arm = (ms: number, refusal: Refusal) => {
        clearTimeout(timer)
        timer = setTimeout(() => asking === 0 && fail(refusal), ms)
      }
      const armLogin = () => arm(limits.loginMs, new Refusal('login-timeout', { phase: 'login' }))
      const ask: Ask | undefined =
        caller.ask &&
        (async (prompt) => {
          asking += 1
          clearTimeout(timer)
          try {
            return (await caller.ask?.(prompt)) as never
          } finally {
            asking -= 1
            if (phase === 'login') armLogin()
            else if (phase) arm(limits.keyExchangeMs, new Refusal('key-exchange-failed', { phase: 'key-exchange' }))
          }
        })
      let login: Login
      try {
        login = new Login(this.hop, ask, (refusal) => phase === 'login' && fail(refusal))
      } catch (error) {
        reject(error)
        return
      }

      const onAbort = () => fail(new Refusal('no-session'))
      caller.signal.addEventListener('abort', onAbort, { once: true })
      watchPreamble(stream, {
        found: () => {
          phase = 'key-exchange'
          arm(
            limits.keyExchangeMs,
            new Refusal('key-exchange-failed', { phase: 'key-exchange', detail: 'The key exchange took too long' }),
          )
        },
        tooLong: () => fail(new Refusal('no-ssh-server', { phase: 'connection' })),
      })
      arm(limits.identMs, new Refusal('no-ssh-server', { phase: 'connection' }))

      let banners = 0
      client.on('banner', (text) => {
        banners += Math.max(text.length, BANNER_MIN)
        if (banners > PREAMBLE_MAX)
          return fail(
            new Refusal('server-broke-protocol', { phase: 'login', detail: 'The banner of the server is too long' }),
          )
        caller.banner(this.hop, text)
      })
      let changes = 0
      client.on('change password', (message, finish) => {
        changes += 1
        if (changes > PASSWORD_CHANGES || asking > 0)
          return fail(
            new Refusal('server-broke-protocol', { phase: 'login', detail: 'The server asks too many questions' }),
          )
        if (!ask)
          return fail(new Refusal('login-refused', { phase: 'login', detail: 'The server wants a new password' }))
        const { host, port, username } = this.hop
        ask({ kind: 'password-change', host, port, username, message: message.slice(0, 4096) })
          .then((answer) => {
            if (answer.kind !== 'password-change')
              throw new Refusal('login-refused', { phase: 'login', detail: 'The login was cancelled' })
            configOf(client).password = login.givenPassword
            finish(answer.newPassword)
          })
          .catch((error) =>
            fail(error instanceof Refusal ? error : new Refusal('internal', { phase: 'login', cause: error })),
          )
      })
      client.on('handshake', (negotiated) => {
        if (phase !== 'key-exchange') return
        phase = 'login'
        caller.passed({ phase: 'key-exchange', found: describe(negotiated), ms: since(dialled) })
        caller.passed({ phase: 'host-key', found: hostKeyFound[this.#judged], ms: 0 })
        dialled = performance.now()
        armLogin()
      })
      client.once('ready', () => {
        if (asking > 0)
          return fail(
            new Refusal('server-broke-protocol', { phase: 'login', detail: 'The server did not wait for an answer' }),
          )
        clearTimeout(timer)
        phase = undefined
        caller.signal.removeEventListener('abort', onAbort)
        forgetPassword(client)
        caller.passed({ phase: 'login', found: `Logged in as ${this.hop.username}`, ms: since(dialled) })
        this.#remember().then(resolve, reject)
      })
      // ssh2 has ended its side after the server's goodbye, and would wait for ever for the server to end the other.
      stream.once('finish', () => this.#linger())
      client.on('error', (error: Error & { level?: string }) => fail(this.#refusalOf(error, phase, login)))
      client.on('close', () => fail(this.#refusalOf(new Error('closed'), phase, login)))
      client.connect({
        sock: stream as never, // any Duplex does; the types ask for a Readable
        username: this.hop.username,
        authHandler: login.handler as never, // the types leave out that an answer may come later
        hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
          this.#verify(key, caller, ask).then(
            (accepted) => {
              // Before ssh2 hears it, which would call it a failed key exchange.
              if (accepted !== true) fail(new Refusal('host-key-refused', { phase: 'host-key' }))
              verify(accepted === true)
            },
            (error) => {
              fail(error instanceof Refusal ? error : new Refusal('internal', { phase: 'host-key', cause: error }))
              verify(false)
            },
          )
        },
        algorithms: { ...algorithms, serverHostKey },
        readyTimeout: 0,
        keepaliveInterval: limits.keepaliveMs,
        keepaliveCountMax: 3,
      })
      boundUnasked(client, stream, (detail) =>
        fail(new Refusal('server-broke-protocol', { phase: phase === 'login' ? phase : 'shell', detail })),
      )
    }).catch(async (error: unknown) => {
      if (error instanceof Refusal && error.code === 'no-ssh-server') await uniform(started)
      throw error
    })
  }

  async #verify(key: Buffer, caller: Caller, ask: Ask | undefined): Promise<boolean> {
    // A key exchange after the first: nobody may be there to be asked, and nothing but the same key will do.
    if (this.#accepted) return this.#accepted.equals(key)
    const { host, port } = this.hop
    if (ask) {
      const answer = await ask({
        kind: 'host-key',
        host,
        port,
        type: keyType(key),
        key: key.toString('base64'),
        fingerprint: fingerprint(key),
      })
      this.#judged = 'answered'
      if (answer.kind !== 'host-key' || answer.accept !== true || caller.signal.aborted) return false
    } else {
      const judgement = await this.#around.knownHosts.judge(host, port, key)
      if (judgement === 'changed') throw new Refusal('host-key-changed', { phase: 'host-key' })
      this.#judged = judgement
    }
    this.#accepted = Buffer.from(key)
    this.hostKey = this.#accepted
    return true
  }

  /** A new key is kept only now, when the server has proved that it holds it. */
  async #remember(): Promise<void> {
    if (this.#judged !== 'new' || !this.#accepted) return
    await this.#around.knownHosts.add(this.hop.host, this.hop.port, this.#accepted)
  }

  /** @param phase where the connect stands; undefined once it is through */
  #refusalOf(
    error: Error & { level?: string },
    phase: 'connection' | 'key-exchange' | 'login' | undefined,
    login: Login,
  ): Refusal {
    if (phase && login.refusal) return login.refusal
    if (error.level === 'client-authentication') return new Refusal('login-refused', { phase: 'login' })
    if (phase === 'connection') return new Refusal('no-ssh-server', { phase })
    if (phase === 'key-exchange') {
      const mismatch = /no matching [\w -]+/i.exec(error.message)?.[0]
      return new Refusal('key-exchange-failed', {
        phase,
        ...(mismatch && { detail: `Relay and server have ${mismatch} in common`.replace('no matching', 'no') }),
      })
    }
    return new Refusal(error.level === 'protocol' ? 'server-broke-protocol' : 'server-disconnected', phase && { phase })
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

const hostKeyFound = { known: 'Host key known', new: 'Host key kept', answered: 'Host key accepted' } as const

/** `SHA256:` and the unpadded base64 of the digest, as OpenSSH prints it. */
function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

function describe(negotiated: NegotiatedAlgorithms): string {
  return `Key exchange ${negotiated.kex}, ${negotiated.cs.cipher.replace('@openssh.com', '')}`
}

function since(start: number): number {
  return Math.round(performance.now() - start)
}

/** Milliseconds from an elapsed time to the next multiple of `UNIFORM_MS`. */
export function untilUniform(elapsedMs: number): number {
  return UNIFORM_MS - (elapsedMs % UNIFORM_MS)
}

function uniform(started: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, untilUniform(performance.now() - started)))
}

/** Watches a stream for the line with which an SSH server begins, beside ssh2 that reads the same bytes. */
function watchPreamble(stream: Duplex, on: { found(): void; tooLong(): void }): void {
  let bytes = 0
  let tail = '\n'
  const listen = (chunk: Buffer) => {
    bytes += chunk.length
    const text = tail + chunk.toString('latin1')
    tail = text.slice(-'\nSSH'.length)
    if (text.includes('\nSSH-')) {
      stream.off('data', listen)
      on.found()
    } else if (bytes > PREAMBLE_MAX) {
      stream.off('data', listen)
      on.tooLong()
    }
  }
  // After this turn, so that ssh2's own listener is the first and nothing flows before it is there.
  queueMicrotask(() => stream.on('data', listen))
}

/** What ssh2 keeps for good, of what it was given. */
function configOf(client: InstanceType<typeof ssh2.Client>): Record<'password' | 'privateKey' | 'passphrase', unknown> {
  return (client as unknown as { config: Record<'password' | 'privateKey' | 'passphrase', unknown> }).config
}

function forgetPassword(client: InstanceType<typeof ssh2.Client>): void {
  const config = configOf(client)
  config.password = config.privateKey = config.passphrase = undefined
}
