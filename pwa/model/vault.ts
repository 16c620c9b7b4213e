import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { Store } from '../store/db.ts'
import type { Identity, Sealed, VaultRecord } from '../store/schema.ts'
import { Failed } from './failure.ts'
import { newId } from './id.ts'
import { askPasskey, createPasskey } from './passkey.ts'
import { askToPersist } from './persistence.ts'
import { newRecoveryCode, readRecoveryCode } from './recoveryCode.ts'
import { toBase64 } from './sshWire.ts'
import {
  type Derived,
  deriveAt,
  deriveKey,
  deriveNew,
  type Strength,
  strongEnough,
  today,
  upToDate,
} from './vaultKdf.ts'
import { type Opening, VaultWindows } from './vaultWindows.ts'
import {
  decrypt,
  encrypt,
  expandKey,
  type Item,
  openItem,
  openKey,
  passphraseWay,
  sealItem,
  vaultKey,
  type Wrap,
  wrapHeader,
} from './vaultWrap.ts'

const VERSION = 1

/** Characters of a passphrase at least. */
export const PASSPHRASE_MIN = 10

/** Wrong passphrases in a row before the wait grows, by twice each time, and the longest wait in milliseconds. */
const free = 3
const longest = 60_000

/** Milliseconds from the last of so many wrong passphrases to the next try; pure. */
export function waitAfter(wrong: number): number {
  return wrong < free ? 0 : Math.min(longest, 1000 * 2 ** (wrong - free))
}

/**
 * The encrypted store of what proves who a person is. A random key seals each item; that key is kept only wrapped: by a
 * passphrase, by a code on paper, and by passkeys if there are any. While the vault is open the key is in memory, in all
 * windows of the app, where nothing can read its bytes. All promises reject with `Failed` or `StoreFailure`.
 */
export class Vault {
  readonly #store: Store
  readonly #strength: Strength
  readonly #windows: VaultWindows
  readonly #opening = signal<Opening | undefined>(undefined)
  readonly #asked = signal(false)
  #waiting: { resolve(): void; reject(error: Failed): void }[] = []
  /** Aborted when the vault locks; another takes its place. */
  #untilLocked = new AbortController()
  /** The vault's record; undefined where there is none. */
  readonly record: ReadonlySignal<VaultRecord | undefined>
  readonly state: ReadonlySignal<'none' | 'locked' | 'open'>

  /** @param strength of a new wrap, and what an old one is raised to */
  constructor(store: Store, strength = today) {
    this.#store = store
    this.#strength = strength
    this.record = computed(() => store.vaults.items.value.find(({ id }) => id === 'vault'))
    this.state = computed(() => {
      const record = this.record.value
      if (!record) return 'none'
      return this.#opening.value?.vault === record.vault ? 'open' : 'locked'
    })
    this.#windows = new VaultWindows({
      here: () => this.#here(),
      opened: (opening) => {
        if ((this.record.peek()?.vault ?? opening.vault) === opening.vault) this.#show(opening)
      },
      locked: (vault) => {
        if (this.#opening.peek()?.vault === vault) this.#drop()
      },
    })
    const record = this.record.peek()
    if (record) this.#windows.ask(record.vault)
  }

  /** True while something waits for the person to unlock. */
  get asked(): ReadonlySignal<boolean> {
    return this.#asked
  }

  /** When the next passphrase may be tried, in milliseconds since 1970; no later than the longest wait from now. */
  notBefore(): number {
    const wrong = this.record.peek()?.wrong
    if (!wrong) return 0
    const wait = waitAfter(wrong.count)
    return Math.min(wrong.at + wait, Date.now() + wait)
  }

  /** Makes the vault and opens it; resolves with the recovery code, which is shown once and kept nowhere. */
  async setUp(passphrase: string): Promise<string> {
    if (!globalThis.crypto?.subtle) throw new Failed('no-web-crypto')
    longEnough(passphrase)
    if (this.record.peek()) throw new Failed('vault-exists')
    const raw = crypto.getRandomValues(new Uint8Array(32))
    const vault = newId()
    const { recovery, text } = await wrapByCode(vault, raw)
    const record: VaultRecord = {
      id: 'vault',
      vault,
      version: VERSION,
      createdAt: Date.now(),
      passphrase: await this.#wrapByPassphrase(vault, raw, passphrase),
      recovery,
      passkeys: [],
    }
    // Another window may have been quicker, also meanwhile.
    if (!(await this.#store.vaults.add(record))) throw new Failed('vault-exists')
    await this.#open(vault, raw)
    askToPersist()
    return text
  }

  /** Opens the vault. After wrong passphrases `Failed('vault-wait')` until `notBefore`. */
  async unlock(passphrase: string): Promise<void> {
    const record = this.#must()
    const raw = await this.#byPassphrase(record, passphrase)
    const stronger = upToDate(record.passphrase.kdf, this.#strength)
      ? undefined
      : await deriveAt(passphrase, this.#strength)
    const renewed = stronger && (await wrapAs(record.vault, raw, stronger))
    await this.#open(record.vault, raw)
    if (!renewed) return
    // In one transaction, and only over the wrap that was just opened.
    await this.#store.vaults.update('vault', (old) =>
      sameWrap(old.passphrase, record.passphrase) ? { ...old, passphrase: renewed } : old,
    )
  }

  /** Opens the vault with a passkey that it knows. Call it from a click. */
  async unlockWithPasskey(): Promise<void> {
    const record = this.#must()
    const { id, secret } = await askPasskey(record.passkeys)
    const passkey = record.passkeys.find((one) => one.id === id)
    if (!passkey) throw new Failed('no-passkey')
    const key = await passkeyKey(record.vault, passkey.input, secret)
    await this.#open(record.vault, await unwrap(key, passkeyHeader(record, passkey), passkey))
  }

  /** Opens the vault with the recovery code and gives it a new passphrase. */
  async recover(code: string, passphrase: string): Promise<void> {
    const { vault, version, recovery } = this.#must()
    const secret = await readRecoveryCode(code)
    if (!recovery) throw new Failed('vault-refused')
    longEnough(passphrase)
    const raw = await unwrap(
      await codeKey(vault, recovery.salt, secret),
      codeHeader(vault, version, recovery.salt),
      recovery,
    )
    const renewed = await this.#wrapByPassphrase(vault, raw, passphrase)
    await this.#change((old) => ({ ...forgiven(old), passphrase: renewed }))
    await this.#open(vault, raw)
  }

  async changePassphrase(old: string, passphrase: string): Promise<void> {
    const record = this.#must()
    longEnough(passphrase)
    const raw = await this.#byPassphrase(record, old)
    const renewed = await this.#wrapByPassphrase(record.vault, raw, passphrase)
    raw.fill(0)
    await this.#change((now) => ({ ...now, passphrase: renewed }))
  }

  /** A new recovery code, which ends the one before. */
  async renewRecoveryCode(passphrase: string): Promise<string> {
    const record = this.#must()
    const raw = await this.#byPassphrase(record, passphrase)
    const { recovery, text } = await wrapByCode(record.vault, raw)
    raw.fill(0)
    await this.#change((now) => ({ ...now, recovery }))
    return text
  }

  /** Lets a new passkey of this device or account open the vault. Call it from a click. */
  async addPasskey(passphrase: string, label: string): Promise<void> {
    const record = this.#must()
    const raw = await this.#byPassphrase(record, passphrase)
    const made = await createPasskey('Fairlead vault')
    const key = await passkeyKey(record.vault, made.passkey.input, made.secret)
    const passkey = { ...made.passkey, label: label.trim().slice(0, 100) || 'Passkey', createdAt: Date.now() }
    const wrap = await encrypt(key, passkeyHeader(record, passkey), raw)
    raw.fill(0)
    await this.#change((now) => ({ ...now, passkeys: [...now.passkeys, { ...passkey, ...wrap }] }))
  }

  async removePasskey(id: string): Promise<void> {
    await this.#change((now) => ({ ...now, passkeys: now.passkeys.filter((one) => one.id !== id) }))
  }

  /** Locks it in all windows. */
  lock(): void {
    const vault = this.record.peek()?.vault
    const opening = this.#opening.peek()
    if (vault !== undefined) this.#windows.lock(vault, opening)
    this.#drop()
  }

  /** Removes it with all that it has sealed, in one transaction: keys, passwords and logins to relays. */
  async remove(): Promise<void> {
    const record = this.record.peek()
    const { identities, endpoints, hosts } = this.#store
    const gone = new Set(sealedIn(identities.items.peek()).map(({ id }) => id))
    const kept = (id: string | null | undefined) => (id && !gone.has(id) ? id : null)
    await this.#store.write([
      ...[...gone].map((id) => ({ in: 'identities' as const, remove: id })),
      ...endpoints.items
        .peek()
        .flatMap(({ sealedToken, ...put }) => (sealedToken ? [{ in: 'endpoints' as const, put }] : [])),
      ...hosts.items.peek().flatMap(({ identityId, jumpIdentityIds, ...rest }) => {
        const identity = kept(identityId)
        const put = {
          ...rest,
          ...(identity !== null && { identityId: identity }),
          ...(jumpIdentityIds && { jumpIdentityIds: jumpIdentityIds.map(kept) }),
        }
        return gone.has(identityId ?? '') || jumpIdentityIds?.some((id) => gone.has(id ?? ''))
          ? [{ in: 'hosts' as const, put }]
          : []
      }),
      { in: 'vaults', remove: 'vault' },
    ])
    if (record) this.#windows.lock(record.vault, this.#opening.peek())
    this.#drop()
  }

  /** Resolves when the vault is open, at once or after the person was asked; `Failed('vault-locked')` where they decline. */
  async whenOpen(): Promise<void> {
    if (this.state.peek() === 'open') return
    if (this.state.peek() === 'none') throw new Failed('no-vault')
    this.ask()
    await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /** Asks the person to unlock; `asked` says so. */
  ask(): void {
    if (this.state.peek() === 'locked') this.#asked.value = true
  }

  /** The person does not unlock now: whatever waits is refused. */
  decline(): void {
    this.#asked.value = false
    for (const { reject } of this.#waiting.splice(0)) reject(new Failed('vault-locked'))
  }

  /** Seals an item; a locked vault asks the person first. */
  async seal(item: Item, data: Uint8Array): Promise<Sealed> {
    return this.#whileOpen(({ vault, key }) => sealItem(vault, key, item, new Uint8Array(data)))
  }

  /** What was sealed as this item; `Failed('vault-damaged')` if it was not, or is not whole. A locked vault asks first. */
  async open(item: Item, sealed: Sealed): Promise<Uint8Array<ArrayBuffer>> {
    return this.#whileOpen(({ key }) => openItem(key, item, sealed))
  }

  /** The key whose PKCS#8 was sealed as this item, not to be exported; else as `open`. Let go of it when the vault locks. */
  async unsealKey(
    item: Item,
    sealed: Sealed,
    algorithm: Parameters<SubtleCrypto['unwrapKey']>[4],
    usages: KeyUsage[],
  ): Promise<CryptoKey> {
    return this.#whileOpen(({ key }) => openKey(key, item, sealed, algorithm, usages))
  }

  close(): void {
    this.#windows.close()
    this.#drop()
  }

  #must(): VaultRecord {
    const record = this.record.peek()
    if (!record) throw new Failed('no-vault')
    if (record.version > VERSION) throw new Failed('vault-newer')
    return record
  }

  #here(): Opening | undefined {
    return this.state.peek() === 'open' ? this.#opening.peek() : undefined
  }

  /** What was begun with an open vault has no result once it is locked. */
  async #whileOpen<T>(work: (opening: Opening) => Promise<T>): Promise<T> {
    await this.whenOpen()
    const opening = this.#here()
    if (!opening) throw new Failed('vault-locked')
    const { signal: locked } = this.#untilLocked
    const result = await work(opening)
    if (locked.aborted) throw new Failed('vault-locked')
    return result
  }

  /** The vault's key in clear, for a moment. A wrong passphrase is counted, whatever was wrong with it is not told. */
  async #byPassphrase(
    { vault, version, passphrase: wrap }: VaultRecord,
    passphrase: string,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (Date.now() < this.notBefore()) throw new Failed('vault-wait')
    if (!strongEnough(wrap.kdf)) throw new Failed('vault-weakened')
    const key = await deriveKey(wrap.kdf, passphrase)
    try {
      const raw = await unwrap(key, wrapHeader(vault, version, passphraseWay(wrap)), wrap)
      if (this.record.peek()?.wrong) await this.#change(forgiven)
      return raw
    } catch (error) {
      if (error instanceof Failed) {
        await this.#change((now) => ({ ...now, wrong: { count: (now.wrong?.count ?? 0) + 1, at: Date.now() } }))
      }
      throw error
    }
  }

  async #wrapByPassphrase(
    vault: string,
    raw: Uint8Array<ArrayBuffer>,
    passphrase: string,
  ): Promise<VaultRecord['passphrase']> {
    return wrapAs(vault, raw, await deriveNew(passphrase, this.#strength))
  }

  #change(change: (old: VaultRecord) => VaultRecord): Promise<void> {
    return this.#store.vaults.update('vault', change)
  }

  async #open(vault: string, raw: Uint8Array<ArrayBuffer>): Promise<void> {
    const key = await vaultKey(raw)
    raw.fill(0)
    this.#show(this.#windows.open(vault, key))
  }

  #show(opening: Opening): void {
    this.#opening.value = opening
    if (this.state.peek() !== 'open') return
    this.#asked.value = false
    for (const { resolve } of this.#waiting.splice(0)) resolve()
  }

  #drop(): void {
    this.#opening.value = undefined
    this.#untilLocked.abort()
    this.#untilLocked = new AbortController()
    this.decline()
  }
}

/** Those whose secret is in the vault; pure. */
export function sealedIn(identities: readonly Identity[]): readonly Identity[] {
  return identities.filter(({ secret }) => secret.kind === 'sealed')
}

function longEnough(passphrase: string): void {
  if ([...passphrase].length < PASSPHRASE_MIN) throw new Failed('weak-passphrase')
}

function forgiven({ wrong: _, ...record }: VaultRecord): VaultRecord {
  return record
}

function sameWrap(one: Wrap, other: Wrap): boolean {
  return toBase64(one.nonce) === toBase64(other.nonce) && toBase64(one.data) === toBase64(other.data)
}

async function unwrap(key: CryptoKey, header: Uint8Array<ArrayBuffer>, wrap: Wrap): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await decrypt(key, header, wrap)
  } catch (cause) {
    throw new Failed('vault-refused', cause)
  }
}

async function wrapAs(
  vault: string,
  raw: Uint8Array<ArrayBuffer>,
  { kdf, key }: Derived,
): Promise<VaultRecord['passphrase']> {
  return { kdf, ...(await encrypt(key, wrapHeader(vault, VERSION, passphraseWay({ kdf })), raw)) }
}

async function wrapByCode(vault: string, raw: Uint8Array<ArrayBuffer>) {
  const { secret, text } = await newRecoveryCode()
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const wrap = await encrypt(await codeKey(vault, salt, secret), codeHeader(vault, VERSION, salt), raw)
  return { text, recovery: { salt, ...wrap } }
}

const codeKey = (vault: string, salt: Uint8Array<ArrayBuffer>, secret: Uint8Array<ArrayBuffer>) =>
  expandKey(secret, salt, `fairlead vault ${vault} by recovery code`)

const codeHeader = (vault: string, version: number, salt: Uint8Array) =>
  wrapHeader(vault, version, ['recovery', toBase64(salt)])

const passkeyKey = (vault: string, input: Uint8Array<ArrayBuffer>, secret: Uint8Array<ArrayBuffer>) =>
  expandKey(secret, input, `fairlead vault ${vault} by passkey`)

const passkeyHeader = (
  { vault, version }: VaultRecord,
  { id, rpId, input }: { id: string; rpId: string; input: Uint8Array },
) => wrapHeader(vault, version, ['passkey', id, rpId, toBase64(input)])
