import { WireReader } from '../sshWire.ts'
import { algorithmsOf, type KeyType, schemeOf } from './algorithms.ts'
import { toBase64Url } from './base64Url.ts'
import { KeyProblem } from './keyProblem.ts'
import type { PlainKey } from './plainKey.ts'

/** A key that WebCrypto signs with. */
export interface OpenedKey {
  keyType: KeyType
  /** The blob of RFC 4253 §6.6. */
  publicKey: Uint8Array<ArrayBuffer>
  comment: string
  /** None can be exported; in the order of `algorithmsOf`. */
  keys: CryptoKey[]
  /** For the vault, where that was asked for; wipe it when it has been sealed. */
  pkcs8?: Uint8Array<ArrayBuffer>
}

/** Hands a key to WebCrypto, which does not give it back. Its bytes are wiped unless they are kept for the vault. */
export async function openedKey(
  { keyType, publicKey, pkcs8, comment }: PlainKey,
  keepPlain: boolean,
): Promise<OpenedKey> {
  try {
    const keys = await importKeys(keyType, pkcs8)
    if (keyType === 'ssh-rsa' && keys[0]) await proveRsa(keys[0], publicKey)
    return { keyType, publicKey, comment, keys, ...(keepPlain && { pkcs8: Uint8Array.from(pkcs8) }) }
  } finally {
    pkcs8.fill(0)
  }
}

async function importKeys(keyType: KeyType, pkcs8: Uint8Array<ArrayBuffer>): Promise<CryptoKey[]> {
  try {
    return await Promise.all(
      algorithmsOf(keyType).map((name) => crypto.subtle.importKey('pkcs8', pkcs8, schemeOf(name).key, false, ['sign'])),
    )
  } catch (error) {
    throw new KeyProblem('key-unsupported', error)
  }
}

/** Not every browser checks that the private numbers belong to the public ones. */
async function proveRsa(key: CryptoKey, blob: Uint8Array): Promise<void> {
  const { key: algorithm, sign } = schemeOf('rsa-sha2-512')
  const reader = new WireReader(blob)
  reader.string()
  const [e, n] = [toBase64Url(reader.mpint()), toBase64Url(reader.mpint())]
  const data = crypto.getRandomValues(new Uint8Array(32))
  const known = await crypto.subtle.importKey('jwk', { kty: 'RSA', n, e }, algorithm, false, ['verify'])
  const signature = await crypto.subtle.sign(sign, key, data)
  if (!(await crypto.subtle.verify(sign, known, signature, data))) throw new KeyProblem('key-unreadable')
}
