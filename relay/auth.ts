import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import writeFileAtomic from 'write-file-atomic'
import { Refusal } from '../shared/failure.ts'
import { PASSWORD_MIN } from '../shared/rest.ts'
import type { Log } from './log.ts'
import { hashPassword, matchesPassword, PasswordHash } from './passwordHash.ts'
import { Tries } from './tries.ts'

/** Who is in. */
export interface Login {
  /** Whom sessions belong to. One shared password is one principal. */
  principal: string
  /** Names the token, and is not the token: sockets and sessions are bound to it. */
  tokenId: string
}

/** Why logins ended. */
export type RevokeReason = 'logout' | 'password-changed' | 'password-removed' | 'expired'

/** What an Auth is opened with. */
export interface AuthOptions {
  /** Directory of `password.json`; made with mode 0700 where it is missing. */
  state: string
  log: Log
  tokenIdleMs: number
  tokenMs: number
  /** Whether others than this machine reach the relay. Then the first password wants the set-up code. */
  exposed: boolean
  /** Whether it may be exposed without a password. */
  noAuth: boolean
  /** Whether a password may never be missing, exposed or not. */
  passwordNeeded: boolean
  /** Monotonic milliseconds. */
  now?: () => number
}

interface Token extends Login {
  /** SHA-256 of the token. */
  hash: string
  made: number
  used: number
}

/** UTF-16 units that the routes take at most. */
const PASSWORD_MAX = 1024
/** Tokens alive at once; the one longest unused goes first. */
const TOKENS_MAX = 10_000
/** The login of everybody while no password is set and none is wanted. */
const open: Login = { principal: 'local', tokenId: 'open' }

/** The relay's one password and the tokens that it was changed for. Tokens live in memory only and end with the process. */
export class Auth {
  readonly #options: AuthOptions
  readonly #now: () => number
  readonly #tries = new Tries()
  /** By the SHA-256 of the token. */
  readonly #tokens = new Map<string, Token>()
  readonly #byId = new Map<string, Token>()
  readonly #listeners = new Set<(tokenIds: string[], reason: RevokeReason) => void>()
  #password: PasswordHash | undefined
  /** Counts changes of the password; whoever began before one has lost. */
  #generation = 0
  #expiry: NodeJS.Timeout | undefined
  /** Wanted for the first password where others reach the relay. After a password was removed there is none until the next start. */
  readonly setUpCode: string | undefined

  private constructor(options: AuthOptions, password: PasswordHash | undefined) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#password = password
    if (options.exposed && !password) this.setUpCode = readableSecret()
  }

  /** Reads the password of the state directory. @throws Error where it is there and cannot be read: a relay never opens by accident */
  static async open(options: AuthOptions): Promise<Auth> {
    await mkdir(options.state, { recursive: true, mode: 0o700 })
    return new Auth(options, await readPassword(passwordPath(options.state)))
  }

  get passwordSet(): boolean {
    return this.#password !== undefined
  }

  /** True while sockets are refused and only the set-up code opens anything. */
  get setUp(): boolean {
    return !this.passwordSet && this.#options.exposed && !this.#options.noAuth
  }

  /** Who a token stands for; without a password, everybody. Counts as use of the token. */
  verify(token: string | undefined): Login | undefined {
    if (!this.passwordSet) return this.setUp ? undefined : open
    if (token === undefined || !/^[0-9a-f]{64}$/.test(token)) return undefined
    const found = this.#tokens.get(sha256(token))
    if (!found || this.#expired(found)) return undefined
    found.used = this.#now()
    return { principal: found.principal, tokenId: found.tokenId }
  }

  /** Whether a login that was let in is still good. */
  holds({ tokenId }: Login): boolean {
    if (tokenId === open.tokenId) return !this.passwordSet && !this.setUp
    const token = this.#byId.get(tokenId)
    return this.passwordSet && token !== undefined && !this.#expired(token)
  }

  /** Counts as use of a token, by its id. */
  touch(tokenId: string): void {
    const token = this.#byId.get(tokenId)
    if (token && !this.#expired(token)) token.used = this.#now()
  }

  /** Changes the password for a token. @throws Refusal `wrong-password`, `too-many-requests` */
  async login(password: string, peer: string): Promise<string> {
    if (this.setUp) throw new Refusal('set-up-required')
    if (!this.passwordSet) throw new Refusal('bad-request', { detail: 'No password is set, so none is needed' })
    const generation = this.#generation
    await this.#demand(password, peer)
    if (generation !== this.#generation) throw new Refusal('wrong-password')
    return this.issue()
  }

  /** Whether this is the password; failures count against `peer`. @throws Refusal `too-many-requests` */
  check(password: string, peer: string): Promise<boolean> {
    return this.#tries.run(peer, async () => {
      const known = this.#password
      return known !== undefined && (await matchesPassword(password, known))
    })
  }

  /** Makes a token without asking, for the launch URL. */
  issue(tokenId = randomBytes(16).toString('hex')): string {
    const token = randomBytes(32).toString('hex')
    const made = this.#now()
    const entry: Token = { principal: 'owner', tokenId, hash: sha256(token), made, used: made }
    this.#tokens.set(entry.hash, entry)
    this.#byId.set(tokenId, entry)
    if (this.#tokens.size > TOKENS_MAX) {
      const oldest = [...this.#byId.values()].reduce((one, other) => (one.used <= other.used ? one : other))
      this.#revoke([oldest.tokenId], 'expired')
    }
    // A clock that runs is set for a token that ends before this one.
    if (!this.#expiry) this.#watch()
    return token
  }

  /**
   * Sets the first password or changes it. All tokens end but the caller's, which is replaced by the one returned and
   * keeps its id, so that its sockets and sessions live.
   * @throws Refusal `wrong-password`, `set-up-required`, `weak-password`, `password-set`, `too-many-requests`
   */
  async setPassword(
    request: { currentPassword?: string | undefined; newPassword: string; setUpCode?: string | undefined },
    caller: { peer: string; login?: Login | undefined },
  ): Promise<string> {
    demandStrength(request.newPassword)
    const generation = this.#generation
    if (this.passwordSet) {
      if (request.currentPassword === undefined) throw new Refusal('wrong-password')
      await this.#demand(request.currentPassword, caller.peer)
    } else if (this.#options.exposed) {
      const { setUpCode } = request
      const right = await this.#tries.run(
        caller.peer,
        async () => setUpCode !== undefined && this.setUpCode !== undefined && sameSecret(setUpCode, this.setUpCode),
      )
      if (!right) throw new Refusal('set-up-required')
    }
    const had = this.passwordSet
    await this.#replace(await hashPassword(request.newPassword), generation)
    const kept = had ? caller.login?.tokenId : undefined
    this.#revoke(
      [...this.#byId.keys(), open.tokenId].filter((id) => id !== kept),
      'password-changed',
    )
    if (kept !== undefined) this.#forget(kept)
    this.#options.log('password-set', { peer: caller.peer })
    return this.issue(kept)
  }

  /** Sets the password that whoever started the relay gave. All tokens end. */
  async setOwnPassword(password: string): Promise<void> {
    demandStrength(password)
    if (this.#password && (await matchesPassword(password, this.#password))) return
    await this.#replace(await hashPassword(password), this.#generation)
    this.#revoke([...this.#byId.keys(), open.tokenId], 'password-changed')
  }

  /** Opens the relay to everybody who reaches it. @throws Refusal `password-needed` where others do, `wrong-password` */
  async removePassword(currentPassword: string, peer: string): Promise<void> {
    if (!this.passwordSet) throw new Refusal('bad-request', { detail: 'No password is set' })
    const { exposed, noAuth, passwordNeeded } = this.#options
    if (passwordNeeded || (exposed && !noAuth)) throw new Refusal('password-needed')
    const generation = this.#generation
    await this.#demand(currentPassword, peer)
    await this.#replace(undefined, generation)
    this.#revoke([...this.#byId.keys()], 'password-removed')
    this.#options.log('password-removed', { peer })
  }

  /** Ends one login. */
  logout(login: Login): void {
    if (login.tokenId !== open.tokenId) this.#revoke([login.tokenId], 'logout')
  }

  /** Calls back with the ids of tokens that have just ended. @returns what stops it */
  onRevoked(listener: (tokenIds: string[], reason: RevokeReason) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Stops the clock. Tokens are not revoked: sessions end with their own good-bye. */
  close(): void {
    clearTimeout(this.#expiry)
    this.#listeners.clear()
  }

  async #demand(password: string, peer: string): Promise<void> {
    if (!(await this.check(password, peer))) {
      this.#options.log('login-failed', { peer })
      throw new Refusal('wrong-password')
    }
  }

  /** @param generation the one in which the change was allowed */
  async #replace(password: PasswordHash | undefined, generation: number): Promise<void> {
    if (generation !== this.#generation) throw new Refusal('password-set')
    this.#generation += 1
    const path = passwordPath(this.#options.state)
    if (password) await writeFileAtomic(path, `${JSON.stringify(password)}\n`, { mode: 0o600 })
    else await rm(path, { force: true })
    this.#password = password
    // Once more, for a login that began while the file was written and was measured by the old password.
    this.#generation += 1
  }

  #expired(token: Token): boolean {
    return this.#now() >= this.#expiresAt(token)
  }

  #expiresAt(token: Token): number {
    return Math.min(token.used + this.#options.tokenIdleMs, token.made + this.#options.tokenMs)
  }

  #revoke(tokenIds: string[], reason: RevokeReason): void {
    for (const id of tokenIds) this.#forget(id)
    if (tokenIds.length > 0) for (const listener of this.#listeners) listener(tokenIds, reason)
  }

  #forget(tokenId: string): void {
    const token = this.#byId.get(tokenId)
    this.#byId.delete(tokenId)
    if (token) this.#tokens.delete(token.hash)
  }

  /** Ends tokens when their time is over, also those that nobody shows any more. */
  #watch(): void {
    clearTimeout(this.#expiry)
    this.#expiry = undefined
    if (this.#byId.size === 0) return
    const first = Math.min(...[...this.#byId.values()].map((token) => this.#expiresAt(token)))
    const wait = Math.min(Math.max(0, first - this.#now()), 60 * 60 * 1000)
    this.#expiry = setTimeout(() => {
      const ended = [...this.#byId.values()].filter((token) => this.#expired(token))
      this.#revoke(
        ended.map((token) => token.tokenId),
        'expired',
      )
      this.#watch()
    }, wait)
    this.#expiry.unref()
  }
}

/** A secret of 99 bits to be read from a console: five groups of four letters and digits that are not mistaken for others. */
export function readableSecret(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: 5 }, group).join('-')
}

function demandStrength(password: string): void {
  if (password.length < PASSWORD_MIN || password.length > PASSWORD_MAX) throw new Refusal('weak-password')
}

const passwordPath = (state: string) => join(state, 'password.json')

async function readPassword(path: string): Promise<PasswordHash | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return v.parse(PasswordHash, JSON.parse(text))
  } catch (cause) {
    throw new Error(`${path} does not hold a password hash; restore it, or remove it to begin anew`, { cause })
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const sameSecret = (given: string, known: string) =>
  timingSafeEqual(
    createHash('sha256').update(given.trim().toLowerCase()).digest(),
    createHash('sha256').update(known).digest(),
  )
