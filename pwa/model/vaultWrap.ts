import type { Sealed, VaultRecord } from '../store/schema.ts'
import { Failed } from './failure.ts'
import { toBase64 } from './sshWire.ts'

/** What an item is to the vault: a sealed one opens as nothing else, so that no two can be swapped. */
export interface Item {
  id: string
  /** What kind of thing it is: `identity`, `token`. */
  type: string
  /** Of the format of what is inside. */
  version: number
}

/** A key of the vault under another, with the nonce that was used: AES-256-GCM. */
export interface Wrap {
  nonce: Uint8Array<ArrayBuffer>
  data: Uint8Array<ArrayBuffer>
}

const encoder = new TextEncoder()

/** What a wrap is bound to: the vault, and everything that says how its key is made. A list in JSON can be read in one way only. */
export function wrapHeader(vault: string, version: number, way: readonly (string | number)[]): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(['fairlead wrap', vault, version, ...way]))
}

/** The way of a passphrase, for its header. */
export function passphraseWay({ kdf }: Pick<VaultRecord['passphrase'], 'kdf'>): (string | number)[] {
  const salt = toBase64(kdf.salt)
  if (kdf.name === 'pbkdf2-sha256') return ['passphrase', kdf.name, salt, kdf.rounds]
  return ['passphrase', kdf.name, salt, kdf.memory, kdf.passes, kdf.lanes]
}

/** Encrypts with a nonce that is new and random, 96 bits (NIST SP 800-38D §8.2.2). */
export async function encrypt(
  key: CryptoKey,
  header: Uint8Array<ArrayBuffer>,
  plain: Uint8Array<ArrayBuffer>,
): Promise<Wrap> {
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: header }, key, plain)
  return { nonce, data: new Uint8Array(data) }
}

/** Rejects with `OperationError` where key, header, nonce or data are not those of `encrypt`. */
export async function decrypt(
  key: CryptoKey,
  header: Uint8Array<ArrayBuffer>,
  { nonce, data }: Wrap,
): Promise<Uint8Array<ArrayBuffer>> {
  const way = { name: 'AES-GCM', iv: nonce, additionalData: header }
  return new Uint8Array(await crypto.subtle.decrypt(way, key, data))
}

/** A key of AES-GCM from a secret that is random already, such as a recovery code; `purpose` keeps two uses of it apart. */
export async function expandKey(
  secret: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  purpose: string,
): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const way = { name: 'HKDF', hash: 'SHA-256', salt, info: encoder.encode(purpose) }
  return crypto.subtle.deriveKey(way, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

/** The vault's own key from its 32 bytes, which it then gives out to nobody. */
export function vaultKey(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt', 'unwrapKey'])
}

const itemHeader = (vault: string, { id, type, version }: Item) =>
  encoder.encode(JSON.stringify(['fairlead item', vault, id, type, version]))

/** Seals an item. */
export async function sealItem(
  vault: string,
  key: CryptoKey,
  item: Item,
  data: Uint8Array<ArrayBuffer>,
): Promise<Sealed> {
  return { vault, version: item.version, ...(await encrypt(key, itemHeader(vault, item), data)) }
}

/** Opens an item. Rejects with `Failed('vault-damaged')`. */
export async function openItem(key: CryptoKey, item: Item, sealed: Sealed): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await decrypt(key, itemHeader(sealed.vault, item), sealed)
  } catch (cause) {
    throw new Failed('vault-damaged', cause)
  }
}

/** Makes a key of a sealed PKCS#8 that never stands in clear in this page and cannot be exported. Rejects as `openItem`. */
export async function openKey(
  key: CryptoKey,
  item: Item,
  sealed: Sealed,
  algorithm: Parameters<SubtleCrypto['unwrapKey']>[4],
  usages: KeyUsage[],
): Promise<CryptoKey> {
  const way = { name: 'AES-GCM', iv: sealed.nonce, additionalData: itemHeader(sealed.vault, item) }
  try {
    return await crypto.subtle.unwrapKey('pkcs8', sealed.data, key, way, algorithm, false, usages)
  } catch (cause) {
    throw new Failed('vault-damaged', cause)
  }
}
