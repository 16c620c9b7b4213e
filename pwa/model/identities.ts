import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { OfferedKey } from '../../shared/protocol.ts'
import type { Store } from '../store/db.ts'
import type { Host, Identity } from '../store/schema.ts'
import { Failed } from './failure.ts'
import { newId } from './id.ts'
import { algorithmsOf, isKeyType, schemeOf, sshSignature } from './keys/algorithms.ts'
import { plainComment } from './keys/keyText.ts'
import type { KeyKind } from './keys/makeKey.ts'
import type { OpenedKey } from './keys/openedKey.ts'
import type { OpenKey } from './keys/openKey.ts'
import { makePasskeyKey, passkeyAlgorithm, passkeySignature, passkeyType } from './keys/passkeyKey.ts'
import { askToPersist } from './persistence.ts'
import { fromBase64, toBase64 } from './sshWire.ts'
import type { Vault } from './vault.ts'

/** A key with which something can be signed; the bytes of its private half are nowhere to be had. */
export interface SigningKey {
  identityId: string
  label: string
  /** The blob of RFC 4253 §6.6, without a certificate. */
  publicKey: Uint8Array
  /** The signature algorithms that it can do, best first. */
  algorithms: readonly string[]
  /** Whether the person is to be asked before each signature. */
  consent: boolean
  /** The whole SSH signature blob. Of a sealed key it rejects with `Failed('vault-locked')` where the person does not unlock. */
  sign(algorithm: string, data: Uint8Array): Promise<Uint8Array>
}

/** Where the secret of an identity goes: into this browser's store, sealed by the vault, or nowhere beyond this page. */
export type Keep = 'device' | 'vault' | 'page'

type KeyIdentity = Identity & { kind: 'key'; publicKey: string; keyType: string }

/** Of the format of what is sealed. */
const VERSION = 1

/** What proves who the person is. Everything that changes it may reject with `Failed` or `StoreFailure`. */
export class Identities {
  readonly #store: Store
  readonly #vault: Pick<Vault, 'seal' | 'open' | 'unsealKey'>
  readonly #report: (error: unknown) => void
  readonly #openKey: OpenKey
  /** Imported for a login, and not to be kept. */
  readonly #forNow = signal<readonly Identity[]>([])
  /** All that are kept, in the order of their labels. */
  readonly list: ReadonlySignal<readonly Identity[]>

  /** @param openKey opens key files, in a worker if not given */
  constructor(
    store: Store,
    vault: Pick<Vault, 'seal' | 'open' | 'unsealKey'>,
    report: (error: unknown) => void,
    openKey: OpenKey = openLazily,
  ) {
    this.#store = store
    this.#vault = vault
    this.#report = report
    this.#openKey = openKey
    this.list = computed(() => [...store.identities.items.value].sort((a, b) => a.label.localeCompare(b.label)))
  }

  get(id: string | undefined): Identity | undefined {
    if (id === undefined) return undefined
    return this.#forNow.value.find((one) => one.id === id) ?? this.#store.identities.get(id)
  }

  /** The hosts that log in with it. */
  usedBy(id: string): readonly Host[] {
    return this.#store.hosts.items.value.filter(
      ({ identityId, jumpIdentityIds }) => identityId === id || jumpIdentityIds?.includes(id),
    )
  }

  /** What a relay is told of a key; undefined for a password, and for a key whose secret is not here. */
  offer(id: string | undefined): OfferedKey | undefined {
    const identity = this.get(id)
    if (!identity || !isKey(identity) || identity.secret.kind === 'ask') return undefined
    const { publicKey, certificate } = identity
    return { publicKey, ...(certificate !== undefined && { certificate }), algorithms: [...signatures(identity)] }
  }

  /** The key of a public blob, or of the blob of a certificate for it, base64. */
  async signingKey(blob: string): Promise<SigningKey | undefined> {
    const identity = [...this.#forNow.peek(), ...this.#store.identities.items.peek()]
      .filter(isKey)
      .find(({ publicKey, certificate }) => publicKey === blob || certificate === blob)
    if (!identity || identity.secret.kind === 'ask') return undefined
    return {
      identityId: identity.id,
      label: identity.label,
      publicKey: fromBase64(identity.publicKey),
      algorithms: signatures(identity),
      // A browser shows a passkey's own dialog only after a click.
      consent: identity.secret.kind === 'passkey' || (identity.consent ?? false),
      sign: async (algorithm, data) => {
        const signature = await this.#sign(identity, algorithm, data)
        this.#used(identity.id)
        return signature
      },
    }
  }

  /** The password of an identity, in clear. A locked vault asks the person first. */
  async password(id: string): Promise<string> {
    const identity = this.get(id)
    if (identity?.kind !== 'password' || identity.secret.kind !== 'sealed') throw new Failed('key-not-here')
    const bytes = await this.#vault.open(item(id), identity.secret.sealed)
    const text = new TextDecoder().decode(bytes)
    bytes.fill(0)
    this.#used(id)
    return text
  }

  /** Makes a passkey that signs for SSH. Call it from a click. */
  async makePasskey(label: string): Promise<Identity> {
    const { publicKey, credential } = await makePasskeyKey(label)
    const identity: Identity = {
      id: newId(),
      label,
      kind: 'key',
      createdAt: Date.now(),
      publicKey: toBase64(publicKey),
      keyType: passkeyType,
      comment: plainComment(label),
      secret: { kind: 'passkey', credential },
    }
    await this.#store.identities.put(identity)
    return identity
  }

  /** Makes a key. */
  async make(kind: KeyKind, label: string, keep: Exclude<Keep, 'page'>): Promise<Identity> {
    const { makeKey } = await import('./keys/makeKey.ts')
    return this.#add(await makeKey(kind, plainComment(label), keep === 'vault'), label, keep)
  }

  /**
   * Takes a key from its file. One that is known already keeps its name and use and gets its secret anew. `Failed` with
   * `key-passphrase-needed` or `-wrong` is worth another try.
   */
  async importKey(file: { text: string; passphrase?: string; label: string }, keep: Keep): Promise<Identity> {
    const { text, passphrase, label } = file
    return this.#add(await this.#openKey({ text, passphrase, keepPlain: keep === 'vault' }), label, keep)
  }

  /** Keeps a password in the vault. */
  async addPassword(label: string, username: string, password: string): Promise<Identity> {
    const id = newId()
    const bytes = new TextEncoder().encode(password)
    const sealed = await this.#vault.seal(item(id), bytes)
    bytes.fill(0)
    const identity: Identity = {
      id,
      label: label.trim() || username,
      kind: 'password',
      createdAt: Date.now(),
      username,
      secret: { kind: 'sealed', sealed },
    }
    await this.#store.identities.put(identity)
    return identity
  }

  /** Puts a certificate beside a key: the line of a `-cert.pub` file; undefined takes it away. */
  async certify(id: string, line: string | undefined): Promise<void> {
    const { readCertificate } = await import('./keys/certificate.ts')
    const certificate = line === undefined ? undefined : readCertificate(line)
    if (line !== undefined && !certificate) throw new Failed('certificate-unreadable')
    if (certificate?.kind === 'host') throw new Failed('certificate-of-host')
    if (certificate && certificate.publicKey !== this.get(id)?.publicKey) throw new Failed('certificate-of-other-key')
    await this.#edit(id, ({ certificate: _, ...old }) => ({
      ...old,
      ...(certificate && { certificate: certificate.blob }),
    }))
  }

  rename(id: string, label: string): Promise<void> {
    return this.#edit(id, (old) => ({ ...old, label: label.trim() || old.label }))
  }

  /** Whether the person is asked before each signature. */
  setConsent(id: string, consent: boolean): Promise<void> {
    return this.#edit(id, (old) => ({ ...old, consent }))
  }

  /** Removes it for good; hosts that used it ask again. */
  async remove(id: string): Promise<void> {
    for (const host of this.usedBy(id)) {
      await this.#store.hosts.update(host.id, ({ identityId, jumpIdentityIds, ...old }) => ({
        ...old,
        ...(identityId !== undefined && identityId !== id && { identityId }),
        ...(jumpIdentityIds && { jumpIdentityIds: jumpIdentityIds.map((one) => (one === id ? null : one)) }),
      }))
    }
    this.#forNow.value = this.#forNow.peek().filter((one) => one.id !== id)
    await this.#store.identities.remove(id)
  }

  /** Nobody waits for this, and a login does not end with it. */
  #used(id: string): void {
    this.#edit(id, (old) => ({ ...old, usedAt: Date.now() })).catch(this.#report)
  }

  async #edit(id: string, change: (old: Identity) => Identity): Promise<void> {
    this.#forNow.value = this.#forNow.peek().map((one) => (one.id === id ? change(one) : one))
    await this.#store.identities.update(id, change)
  }

  async #add({ keyType, publicKey, comment, keys, pkcs8 }: OpenedKey, label: string, keep: Keep): Promise<Identity> {
    const blob = toBase64(publicKey)
    const known = this.#store.identities.items.peek().find((one) => one.publicKey === blob)
    if (known && keep === 'page' && known.secret.kind !== 'ask') return known
    const id = known?.id ?? newId()
    const secret: Identity['secret'] = pkcs8
      ? { kind: 'sealed', sealed: await this.#vault.seal(item(id), pkcs8) }
      : { kind: 'device', keys }
    pkcs8?.fill(0)
    const words = plainComment(comment)
    const identity: Identity = {
      label: label.trim() || words || keyType,
      kind: 'key',
      createdAt: Date.now(),
      publicKey: blob,
      keyType,
      ...(words && { comment: words }),
      ...known,
      id,
      secret,
    }
    const others = this.#forNow.peek().filter((one) => one.publicKey !== blob)
    this.#forNow.value = keep === 'page' ? [...others, identity] : others
    if (keep === 'page') return identity
    await this.#store.identities.put(identity)
    askToPersist()
    return identity
  }

  async #sign(identity: KeyIdentity, algorithm: string, data: Uint8Array): Promise<Uint8Array> {
    if (identity.secret.kind !== 'passkey') {
      return sshSignature(algorithm, await this.#privateKey(identity, algorithm), data)
    }
    return passkeySignature(identity.secret.credential, data)
  }

  async #privateKey({ id, secret, keyType }: KeyIdentity, algorithm: string): Promise<CryptoKey> {
    if (secret.kind === 'sealed') {
      return this.#vault.unsealKey(item(id), secret.sealed, schemeOf(algorithm).key, ['sign'])
    }
    const at = isKeyType(keyType) ? algorithmsOf(keyType).indexOf(algorithm) : -1
    const key = secret.kind === 'device' ? secret.keys[at] : undefined
    if (!key) throw new Failed('key-not-here')
    return key
  }
}

const item = (id: string) => ({ id, type: 'identity', version: VERSION })

function isKey(identity: Identity): identity is KeyIdentity {
  return identity.kind === 'key' && identity.publicKey !== undefined && identity.keyType !== undefined
}

function signatures({ keyType }: KeyIdentity): readonly string[] {
  if (keyType === passkeyType) return [passkeyAlgorithm]
  return isKeyType(keyType) ? algorithmsOf(keyType) : []
}

const openLazily: OpenKey = async (file) => {
  const { openInWorker } = await import('./keys/openKey.ts')
  return openInWorker(file)
}
