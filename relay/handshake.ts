import type { Duplex } from 'node:stream'
import type ssh2 from 'ssh2'
import type { AuthHandlerMiddleware, NegotiatedAlgorithms, ParsedKey, ServerHostKeyAlgorithm } from 'ssh2'
import { Refusal } from '../shared/failure.ts'
import type { Answer, Exchange, OfferedKey, Prompt, Step } from '../shared/protocol.ts'
import type { ForwardedAgent } from './agent.ts'
import { algorithmsFor, hostKeyAlgorithms } from './algorithms.ts'
import type { Config } from './config.ts'
import type { Passage } from './connection.ts'
import { takeExchange } from './exchange.ts'
import { fingerprint } from './fingerprint.ts'
import { type Announced, hostKeyOrder, watchHostKeys } from './hostKeys.ts'
import { HostKeyVerifier } from './hostKeyVerifier.ts'
import type { KnownHosts } from './knownHosts.ts'
import { type Ask, type Hop, Login, withoutSecrets } from './login.ts'
import { type Negotiation, watchNegotiation } from './negotiation.ts'
import { tellNotices } from './notices.ts'
import { watchPreamble } from './preamble.ts'
import { boundUnasked } from './unasked.ts'
import { RemoteKeys, type SignRequest } from './userauth.ts'

type Client = InstanceType<typeof ssh2.Client>

/** The session's side of a connect. */
export interface Caller {
  /** Which part of the way this is: 0 for the first hop. */
  position: number
  /** Absent where the client cannot be asked. */
  ask: Ask | undefined
  banner(hop: Hop, text: string): void
  /** What the server announced of its host keys after the login; absent where nobody wants to know. */
  hostKeys?: ((hop: Hop, announced: Announced) => void) | undefined
  /** Filled in as it becomes known. */
  passage: Passage
  /** A part of the way is behind us. */
  passed(step: Step): void
  signal: AbortSignal
}

/** What `Handshake` needs of its connection. */
interface Ports {
  client: Client
  /** Joined to what the server opens to it later. */
  agent: ForwardedAgent
  limits: Config['limits']
  knownHosts: KnownHosts
  /** Aborted when the transport is gone. */
  ended: AbortSignal
  /** Ends the connection at once, if it has not ended; also long after the login. */
  end(refusal: Refusal): void
  /** Hangs up in a while, if the server does not. */
  linger(): void
}

/** Bytes of banners that are taken from a server. */
const BANNERS_MAX = 64 * 1024
/** Bytes for which every banner counts at least. */
const BANNER_MIN = 256
/** Times that a server may ask for a new password. */
const PASSWORD_CHANGES = 3

/**
 * The way from an open stream to a transport that is logged in (RFC 4253, RFC 4252): a timer for each phase, none of which runs
 * while a person is asked. What it forbids a server it forbids for as long as the connection lives.
 */
export class Handshake {
  #hop: Hop
  readonly #caller: Caller
  readonly #ports: Ports
  readonly #serverHostKey: ServerHostKeyAlgorithm[]
  readonly #ask: Ask | undefined
  readonly #login: Login
  readonly #verifier: HostKeyVerifier
  /** Undefined once it is through. */
  #phase: 'connection' | 'key-exchange' | 'login' | undefined = 'connection'
  #phaseBegan = performance.now()
  #timer: NodeJS.Timeout | undefined
  /** Questions that wait for the person. */
  #asking = 0
  #exchange: (() => Exchange | undefined) | undefined
  #negotiation: Negotiation | undefined
  #bannerBytes = 0
  #passwordChanges = 0
  readonly #onAbort = () => this.#fail(new Refusal('no-session'))
  #settle: { resolve(identities: readonly OfferedKey[]): void; reject(error: unknown): void } | undefined

  /** @throws Refusal `key-exchange-failed`, `bad-private-key` or `bad-passphrase`, where it could not come to anything */
  constructor(hop: Hop, caller: Caller, ports: Ports) {
    this.#hop = hop
    this.#caller = caller
    this.#ports = ports
    this.#serverHostKey = hostKeyOrder(hop.hostKeyAlgorithms, hostKeyAlgorithms(this.#old))
    if (this.#serverHostKey.length === 0) {
      const detail = 'The relay offers none of the host key algorithms that were asked for'
      throw new Refusal('key-exchange-failed', { phase: 'key-exchange', detail })
    }
    const { ask } = caller
    this.#ask = ask && ((prompt) => this.#putting(ask, prompt))
    this.#login = new Login(hop, this.#ask, (refusal) => this.#phase === 'login' && this.#fail(refusal))
    this.#verifier = new HostKeyVerifier(hop, ports.knownHosts, this.#ask, caller)
  }

  /**
   * Resolves to the keys that the browser offered for this hop, when the login is through.
   * @param stream to the server, which has not been read from
   * @throws Refusal with the phase that failed
   */
  open(stream: Duplex): Promise<readonly OfferedKey[]> {
    const { signal } = this.#caller
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      signal.addEventListener('abort', this.#onAbort, { once: true })
      watchPreamble(stream, { found: () => this.#greeted(), tooLong: () => this.#fail(noServer()) })
      this.#arm(this.#ports.limits.identMs, noServer())
      this.#listen(stream)
      this.#connect(stream)
      this.#guard(stream)
    })
  }

  /** Whether what old servers have is taken as a last resort. */
  get #old(): boolean {
    return this.#hop.legacyAlgorithms === true
  }

  #fail(refusal: Refusal): void {
    clearTimeout(this.#timer)
    this.#settle?.reject(refusal)
    this.#ports.end(refusal)
  }

  #arm(ms: number, refusal: Refusal): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#asking === 0 && this.#fail(refusal), ms)
  }

  #armKeyExchange(): void {
    const detail = 'The key exchange took too long'
    this.#arm(this.#ports.limits.keyExchangeMs, new Refusal('key-exchange-failed', { phase: 'key-exchange', detail }))
  }

  #armLogin(): void {
    this.#arm(this.#ports.limits.loginMs, new Refusal('login-timeout', { phase: 'login' }))
  }

  /** Puts a question to the person, for whom no timer runs. */
  async #putting(ask: Ask, prompt: Prompt): Promise<Answer> {
    this.#asking += 1
    clearTimeout(this.#timer)
    try {
      return await ask(prompt)
    } finally {
      this.#asking -= 1
      if (this.#phase === 'login') this.#armLogin()
      else if (this.#phase) this.#armKeyExchange()
    }
  }

  #listen(stream: Duplex): void {
    const { client, linger } = this.#ports
    client.on('banner', (text) => this.#banner(text))
    client.on('change password', (message, finish) => this.#changePassword(message, finish))
    client.on('handshake', (negotiated) => this.#exchanged(negotiated))
    client.once('ready', () => this.#ready())
    // ssh2 has ended its side after the server's goodbye, and would wait for ever for the server to end the other.
    stream.once('finish', linger)
    client.on('error', (error) => this.#lost(error))
    client.on('close', () => this.#lost(new Error('closed')))
  }

  #connect(stream: Duplex): void {
    const { client, agent, limits } = this.#ports
    client.connect({
      sock: stream as never, // any Duplex does; the types ask for a Readable
      username: this.#hop.username,
      // The types leave out that an answer may come later.
      authHandler: noting(this.#caller.passage, this.#login.handler) as never,
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => this.#verify(key, verify),
      algorithms: { ...algorithmsFor(this.#old), serverHostKey: this.#serverHostKey },
      agent,
      readyTimeout: 0,
      keepaliveInterval: limits.keepaliveMs,
      keepaliveCountMax: 3,
    })
  }

  /** Puts itself between ssh2 and the server where ssh2 lets pass too much or knows too little. */
  #guard(stream: Duplex): void {
    const { client, agent } = this.#ports
    this.#negotiation = watchNegotiation(client, this.#old, (refusal) => this.#fail(refusal))
    boundUnasked(client, stream, (detail) =>
      this.#fail(new Refusal('server-broke-protocol', { phase: this.#phase === 'login' ? 'login' : 'shell', detail })),
    )
    const { hostKeys } = this.#caller
    if (hostKeys) {
      const broke = (detail: string) => this.#fail(new Refusal('server-broke-protocol', { phase: 'shell', detail }))
      watchHostKeys(client, (announced) => hostKeys(this.#hop, announced), broke)
    }
    agent.serve(client)
    if (this.#ask) this.#signBy(this.#ask)
  }

  #signBy(ask: Ask): void {
    const { client } = this.#ports
    tellNotices(client, (name, instructions) => this.#login.notice(name, instructions))
    const keys = new RemoteKeys(client, {
      username: this.#hop.username,
      hostKey: () => this.#verifier.accepted,
      sign: (request) => this.#sign(request, ask),
      refused: () => {
        delete this.#caller.passage.key
      },
      broke: (refusal) => this.#fail(refusal),
    })
    this.#login.signWith(keys)
  }

  #greeted(): void {
    this.#phase = 'key-exchange'
    this.#armKeyExchange()
  }

  #verify(key: Buffer, verify: (valid: boolean) => void): void {
    this.#exchange ??= takeExchange(this.#ports.client)
    this.#verifier.verify(key).then(
      (accepted) => {
        if (accepted !== true) this.#fail(new Refusal('host-key-refused', { phase: 'host-key' }))
        // ssh2 throws where its connection has gone meanwhile; without a word from here it goes no further.
        else if (!this.#ports.ended.aborted) verify(true)
      },
      (error) => this.#fail(refusalFrom(error, 'host-key')),
    )
  }

  #exchanged(negotiated: NegotiatedAlgorithms): void {
    if (this.#phase !== 'key-exchange') return
    this.#phase = 'login'
    this.#caller.passed({ phase: 'key-exchange', found: describe(negotiated), ms: since(this.#phaseBegan) })
    this.#caller.passed({ phase: 'host-key', found: this.#verifier.found, ms: 0 })
    this.#phaseBegan = performance.now()
    this.#armLogin()
  }

  #banner(text: string): void {
    this.#bannerBytes += Math.max(text.length, BANNER_MIN)
    if (this.#bannerBytes > BANNERS_MAX) this.#fail(broken('The banner of the server is too long'))
    else this.#caller.banner(this.#hop, text)
  }

  #changePassword(message: string, finish: (password: string) => void): void {
    this.#passwordChanges += 1
    if (this.#passwordChanges > PASSWORD_CHANGES || this.#asking > 0)
      this.#fail(broken('The server asks too many questions'))
    else if (!this.#ask) this.#fail(refused('The server wants a new password'))
    else this.#askNewPassword(this.#ask, message, finish)
  }

  #askNewPassword(ask: Ask, message: string, finish: (password: string) => void): void {
    const { host, port, username } = this.#hop
    ask({ kind: 'password-change', host, port, username, message: message.slice(0, 4096) })
      .then((answer) => {
        if (answer.kind !== 'password-change') throw refused('The login was cancelled')
        configOf(this.#ports.client).password = this.#login.givenPassword
        finish(answer.newPassword)
      })
      .catch((error) => this.#fail(refusalFrom(error, 'login')))
  }

  /** Has the browser sign for this hop, which it does after it has checked what the signature would be good for. */
  async #sign({ algorithm, publicKey, data }: SignRequest, ask: Ask): Promise<Buffer> {
    const exchange = this.#exchange?.()
    if (!exchange) throw new Refusal('internal', { phase: 'login' })
    const { host, port, username } = this.#hop
    const { passage, position } = this.#caller
    const answer = await ask({
      kind: 'sign',
      host,
      port,
      username,
      hop: position,
      algorithm,
      publicKey: publicKey.toString('base64'),
      data: data.toString('base64'),
      exchange,
    })
    if (answer.kind !== 'sign') throw refused('The browser did not sign')
    Object.assign(passage, { method: 'publickey', key: fingerprint(publicKey) })
    return Buffer.from(answer.signature, 'base64')
  }

  #ready(): void {
    if (this.#asking > 0) this.#fail(broken('The server did not wait for an answer'))
    else this.#through()
  }

  #through(): void {
    clearTimeout(this.#timer)
    this.#phase = undefined
    this.#caller.signal.removeEventListener('abort', this.#onAbort)
    forgetPassword(this.#ports.client)
    this.#login.forget()
    this.#hop = withoutSecrets(this.#hop)
    this.#caller.passed({ phase: 'login', found: `Logged in as ${this.#hop.username}`, ms: since(this.#phaseBegan) })
    this.#verifier.remember().then(
      () => this.#settle?.resolve(this.#login.identities),
      (error) => this.#settle?.reject(error),
    )
  }

  #lost(error: Error & { level?: string }): void {
    const left = error.level !== 'protocol' || /^Connection lost/.test(error.message)
    if (this.#asking > 0 && left && !this.#login.refusal) this.#fail(notWaited(this.#phase))
    else this.#fail(this.#refusalOf(error))
  }

  #refusalOf({ level }: { level?: string }): Refusal {
    const phase = this.#phase
    if (phase && this.#login.refusal) return this.#login.refusal
    if (level === 'client-authentication') return new Refusal('login-refused', { phase: 'login' })
    if (phase === 'connection') return noServer()
    if (phase === 'key-exchange') return this.#negotiation?.mismatch ?? new Refusal('key-exchange-failed', { phase })
    return new Refusal(level === 'protocol' ? 'server-broke-protocol' : 'server-disconnected', phase && { phase })
  }
}

function noServer(): Refusal {
  return new Refusal('no-ssh-server', { phase: 'connection' })
}

function broken(detail: string): Refusal {
  return new Refusal('server-broke-protocol', { phase: 'login', detail })
}

function refused(detail: string): Refusal {
  return new Refusal('login-refused', { phase: 'login', detail })
}

function refusalFrom(error: unknown, phase: 'host-key' | 'login'): Refusal {
  return error instanceof Refusal ? error : new Refusal('internal', { phase, cause: error })
}

/** The server has hung up on a person who was thinking: it has a limit of its own (sshd's `LoginGraceTime`). */
function notWaited(phase: string | undefined): Refusal {
  const detail = 'The server ended the connection before the question was answered'
  return new Refusal('no-answer', { phase: phase === 'login' ? 'login' : 'host-key', detail })
}

/** Notes what is tried: what was tried last, when the login is through, is what the server was satisfied with. */
function noting(passage: Passage, handler: AuthHandlerMiddleware): AuthHandlerMiddleware {
  return (left, partial, reply) => {
    // A key that was one of several things wanted stays; one that was refused does not.
    if (passage.method === 'publickey' && partial !== true) delete passage.key
    handler(left, partial, (method) => {
      // `false` ends the login; the types know only methods.
      const { type, key } = (method || {}) as { type?: string; key?: ParsedKey }
      if (type !== undefined) passage.method = type
      if (type === 'publickey' && key) passage.key = fingerprint(key.getPublicSSH())
      reply(method)
    })
  }
}

function describe(negotiated: NegotiatedAlgorithms): string {
  return `Key exchange ${negotiated.kex}, ${negotiated.cs.cipher.replace('@openssh.com', '')}`
}

function since(start: number): number {
  return Math.round(performance.now() - start)
}

/** What ssh2 keeps for good, of what it was given. */
function configOf(client: Client): Record<'password' | 'privateKey' | 'passphrase', unknown> {
  return (client as unknown as { config: Record<'password' | 'privateKey' | 'passphrase', unknown> }).config
}

function forgetPassword(client: Client): void {
  const config = configOf(client)
  config.password = config.privateKey = config.passphrase = undefined
}
