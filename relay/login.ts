import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, ParsedKey, Prompt as SshPrompt } from 'ssh2'
import ssh2 from 'ssh2'
import { failures, Refusal } from '../shared/failure.ts'
import { type Answer, bounds, type OfferedKey, type Prompt } from '../shared/protocol.ts'
import type { RemoteKeys } from './userauth.ts'

/** Where a connection goes, and what it was given to log in with. */
export interface Hop {
  host: string
  port: number
  username: string
  password?: string | undefined
  privateKey?: string | undefined
  passphrase?: string | undefined
  /** Keys that the browser signs with, in the order to be tried. */
  identities?: readonly OfferedKey[] | undefined
  /** Whether what old servers have is taken as a last resort. */
  legacyAlgorithms?: boolean | undefined
  /** The host key algorithms to agree to, in this order. */
  hostKeyAlgorithms?: readonly string[] | undefined
}

/** Puts a question to the browser; absent where the client cannot be asked. */
export type Ask = (prompt: Prompt) => Promise<Answer>

const MAX_REFUSED = 3
const MAX_ROUNDS = 20
const MAX_PROMPT_TEXT = 4096
/** Rounds of OpenSSH's bcrypt KDF that are worked off on the relay's one thread; ssh-keygen's default is 16. */
const MAX_KDF_ROUNDS = 64

/**
 * Chooses the next method of SSH user authentication (RFC 4252) for one connection: what it was given first, then what
 * the person answers when asked, never the same refused secret twice.
 */
export class Login {
  /** Why the login stopped, if not by the server's word. */
  refusal: Refusal | undefined
  #hop: Hop
  readonly #ask: Ask | undefined
  readonly #giveUp: (refusal: Refusal) => void
  readonly #offers: AuthenticationType[] = []
  /** What ssh2 keeps of it for good, to be wiped. */
  readonly #sent: (Buffer | ParsedKey)[] = []
  #password: string | undefined
  #key: ParsedKey | undefined
  #remoteKeys: RemoteKeys | undefined
  /** Keys of the browser that have not been tried, and all of them. */
  readonly #untried: OfferedKey[] = []
  readonly #identities: OfferedKey[] = []
  #passwordSent = false
  #givenPassword: string | undefined
  #refused = -1
  #problem: string | undefined
  #rounds = 0
  #inRound = false
  #interactiveTries = 0
  #left: readonly AuthenticationType[] | undefined

  /** @param giveUp ends a login that the server would go on with */
  constructor(hop: Hop, ask: Ask | undefined, giveUp: (refusal: Refusal) => void) {
    this.#hop = hop
    this.#ask = ask
    this.#giveUp = giveUp
    this.#password = hop.password
    if (hop.privateKey !== undefined) this.#key = readPrivateKey(hop.privateKey, hop.passphrase)
    // A client that is not asked cannot sign.
    if (ask) for (const identity of hop.identities ?? []) this.#identify(identity)
  }

  /** By what the browser's keys are tried; without it they are not. */
  signWith(remoteKeys: RemoteKeys): void {
    this.#remoteKeys = remoteKeys
  }

  /** The keys that the browser signs with, given beforehand or in an answer. */
  get identities(): readonly OfferedKey[] {
    return this.#identities
  }

  /** The password that the server was given last; it wants it again with a new one. */
  get givenPassword(): string | undefined {
    return this.#givenPassword
  }

  /** Lets go of all secrets, ssh2's copies among them: the login is over. */
  forget(): void {
    this.#hop = withoutSecrets(this.#hop)
    this.#password = this.#givenPassword = this.#key = undefined
    for (const secret of this.#sent.splice(0)) {
      if (Buffer.isBuffer(secret)) secret.fill(0)
      else forgetPrivateKey(secret)
    }
  }

  /** What the server still took when it last refused, for the report. */
  get methodsLeft(): readonly AuthenticationType[] {
    return this.#left ?? []
  }

  /** ssh2's `authHandler`: must return nothing and answer by the callback, or a promise would count as an answer. */
  readonly handler: AuthHandlerMiddleware = (left, partial, reply) => {
    // The types leave out that ssh2 passes null at first, when the server has not said what it takes.
    this.#left = (left as readonly AuthenticationType[] | null) ?? undefined
    this.#next(partial === true).then(reply, (error: unknown) => {
      this.refusal = error instanceof Refusal ? error : new Refusal('internal', { phase: 'login', cause: error })
      // `false` ends the login; the types know only methods.
      reply(false as never)
    })
  }

  async #next(partial: boolean): Promise<AnyAuthMethod> {
    const { username } = this.#hop
    const takes = (method: AuthenticationType) => this.#left === undefined || this.#left.includes(method)
    if (this.refusal) throw this.refusal
    while (this.#remoteKeys && this.#untried.length > 0 && takes('publickey')) {
      const refused = await this.#remoteKeys.offer(this.#untried.shift() as OfferedKey)
      if (!refused) continue
      this.#offers.push('publickey')
      this.#left = refused.left as AuthenticationType[]
      partial = refused.partial
      this.#problem = partial ? undefined : 'The server did not take the key of this browser.'
    }
    if (!this.#left && !this.#key && this.#password === undefined) return { type: 'none', username }
    if (this.#key && takes('publickey')) {
      const key = this.#key
      this.#key = undefined
      this.#sent.push(key)
      return this.#offer({ type: 'publickey', username, key: key as never })
    }
    if (this.#password !== undefined) {
      const password = this.#password
      if (!this.#passwordSent && takes('password')) {
        this.#passwordSent = true
        this.#givenPassword = password
        // The types leave out that ssh2 takes bytes as well, which can be wiped.
        const bytes = Buffer.from(password)
        this.#sent.push(bytes)
        return this.#offer({ type: 'password', username, password: bytes as never })
      }
      // Not judged yet: a server that takes no `password` may want it as the answer to a question.
      if (!partial && !takes('password') && takes('keyboard-interactive')) return this.#interactive()
      this.#password = undefined
    }
    if (takes('keyboard-interactive') && this.#onlyInteractive(partial)) return this.#interactive()
    return this.#askPerson()
  }

  #onlyInteractive(partial: boolean): boolean {
    if (!this.#ask || this.#interactiveTries >= MAX_REFUSED) return false
    return partial || !this.#left?.some((method) => method === 'password' || method === 'publickey')
  }

  #identify(identity: OfferedKey): void {
    this.#untried.push(identity)
    this.#identities.push(identity)
  }

  #offer(method: AnyAuthMethod): AnyAuthMethod {
    this.#offers.push(method.type)
    return method
  }

  #interactive(): AnyAuthMethod {
    this.#interactiveTries += 1
    return this.#offer({
      type: 'keyboard-interactive',
      username: this.#hop.username,
      prompt: (name, instructions, _language, prompts, finish) => {
        this.#round(name, instructions, prompts as SshPrompt[]).then(finish, (error: unknown) => {
          this.refusal ??= error instanceof Refusal ? error : new Refusal('internal', { phase: 'login', cause: error })
          this.#giveUp(this.refusal)
        })
      },
    })
  }

  /** A round of keyboard-interactive without a question: the person is told. Resolves to whether it is to be answered. */
  async notice(name: string, instructions: string): Promise<boolean> {
    if (!this.#ask) return true
    try {
      await this.#round(name, instructions, [])
      return true
    } catch (error) {
      this.refusal ??= error instanceof Refusal ? error : new Refusal('internal', { phase: 'login', cause: error })
      this.#giveUp(this.refusal)
      return false
    }
  }

  async #round(name: string, instructions: string, prompts: SshPrompt[]): Promise<string[]> {
    this.#rounds += 1
    if (this.#inRound || this.#rounds > MAX_ROUNDS || prompts.length > bounds.prompts)
      throw new Refusal('server-broke-protocol', { phase: 'login', detail: 'The server asks too many questions' })
    const [first] = prompts
    if (this.#password !== undefined && prompts.length === 1 && first?.echo !== true) {
      const password = this.#password
      this.#password = undefined
      return [password]
    }
    if (!this.#ask)
      throw new Refusal('login-refused', {
        phase: 'login',
        detail: 'The server asks questions that this client cannot answer',
      })
    this.#inRound = true
    const answer = await this.#ask({
      kind: 'keyboard-interactive',
      host: this.#hop.host,
      port: this.#hop.port,
      username: this.#hop.username,
      name: name.slice(0, MAX_PROMPT_TEXT),
      instructions: instructions.slice(0, MAX_PROMPT_TEXT),
      prompts: prompts.map(({ prompt, echo }) => ({ text: prompt.slice(0, MAX_PROMPT_TEXT), echo: echo === true })),
    })
    this.#inRound = false
    if (answer.kind !== 'keyboard-interactive') throw cancelled()
    if (answer.responses.length !== prompts.length) throw new Refusal('bad-request', { phase: 'login' })
    return answer.responses
  }

  async #askPerson(): Promise<AnyAuthMethod> {
    const methods = (['password', 'publickey', 'keyboard-interactive'] as const).filter((method) =>
      this.#left?.includes(method),
    )
    this.#refused += 1
    if (!this.#ask || methods.length === 0 || this.#refused >= MAX_REFUSED) throw this.#serverRefused()
    if (this.#refused > 0) this.#problem ??= 'The server refused this login.'
    const answer = await this.#ask({
      kind: 'login',
      host: this.#hop.host,
      port: this.#hop.port,
      username: this.#hop.username,
      methods,
      refused: this.#refused,
      ...(this.#problem && { problem: this.#problem }),
    })
    this.#problem = undefined
    if (answer.kind !== 'login') throw cancelled()
    if (answer.privateKey !== undefined) {
      try {
        this.#key = readPrivateKey(answer.privateKey, answer.passphrase)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        this.#problem = `${failures[error.code].title}. ${failures[error.code].remedy}`
        this.#refused -= 1
        return this.#askPerson()
      }
    }
    this.#password = answer.password
    this.#passwordSent = false
    if (answer.identity) this.#identify(answer.identity)
    if (!this.#key && this.#password === undefined && this.#untried.length === 0) {
      if (!methods.includes('keyboard-interactive')) throw cancelled()
      return this.#interactive()
    }
    return this.#next(false)
  }

  #serverRefused(): Refusal {
    const left = this.methodsLeft.join(', ')
    const tried =
      this.#offers.length > 0
        ? `The server refused ${[...new Set(this.#offers)].join(' and ')}`
        : failures['login-refused'].title
    return new Refusal('login-refused', { phase: 'login', detail: left ? `${tried}; it takes: ${left}` : tried })
  }
}

/**
 * Reads a private key in any format that ssh2 knows.
 * @throws Refusal `bad-passphrase` or `bad-private-key`
 */
function readPrivateKey(text: string, passphrase: string | undefined): ParsedKey {
  if (kdfRounds(text) > MAX_KDF_ROUNDS) {
    throw new Refusal('bad-private-key', {
      phase: 'login',
      detail: `The private key has more than ${MAX_KDF_ROUNDS} KDF rounds`,
    })
  }
  const parsed = ssh2.utils.parseKey(text, passphrase)
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (key instanceof Error || !key) {
    const wrongPassphrase = key instanceof Error && /passphrase|decrypt|integrity/i.test(key.message)
    throw new Refusal(wrongPassphrase ? 'bad-passphrase' : 'bad-private-key', { phase: 'login' })
  }
  if (!key.isPrivateKey()) throw new Refusal('bad-private-key', { phase: 'login', detail: 'This is a public key' })
  return key
}

/** The KDF rounds that an `openssh-key-v1` file names in its header; 0 for other formats and for keys in clear. */
function kdfRounds(text: string): number {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)/.exec(text)?.[1]
  if (!body) return 0
  const data = Buffer.from(body, 'base64')
  let at = 'openssh-key-v1\0'.length
  const string = () => {
    const length = at + 4 <= data.length ? data.readUInt32BE(at) : 0
    const value = data.subarray(at + 4, at + 4 + length)
    at += 4 + length
    return value
  }
  string()
  const kdf = string().toString('latin1')
  const options = string()
  if (kdf !== 'bcrypt' || options.length < 8) return 0
  return options.readUInt32BE(options.length - 4)
}

/** Where a hop goes and how, without what it was given to log in with. */
export function withoutSecrets({ password: _, privateKey: __, passphrase: ___, ...hop }: Hop): Hop {
  return hop
}

/** ssh2 keeps the private half as PEM under a symbol of its own, and needs it for signatures only. */
function forgetPrivateKey(key: ParsedKey): void {
  // The types do not know the symbols.
  const fields = key as unknown as Record<symbol, unknown>
  for (const symbol of Object.getOwnPropertySymbols(fields)) {
    if (/PRIVATE KEY/.test(String(fields[symbol]))) fields[symbol] = null
  }
}

function cancelled(): Refusal {
  return new Refusal('login-refused', { phase: 'login', detail: 'The login was cancelled' })
}
