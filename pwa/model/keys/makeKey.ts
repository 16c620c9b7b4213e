import { Failed } from '../failure.ts'
import { WireWriter } from '../sshWire.ts'
import { type KeyType, schemeOf } from './algorithms.ts'
import { fromBase64Url } from './base64Url.ts'
import { type OpenedKey, openedKey } from './openedKey.ts'

/** What can be made, the best first. */
export const keyKinds = ['ed25519', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521', 'rsa-3072', 'rsa-4096'] as const
export type KeyKind = (typeof keyKinds)[number]

/**
 * Makes a key. Its private half is never in the page's memory, except for RSA, which WebCrypto wants once for each hash, and
 * for the vault (`keepPlain`). Rejects with `Failed('key-kind-missing')` where the browser cannot make it.
 */
export async function makeKey(kind: KeyKind, comment: string, keepPlain: boolean): Promise<OpenedKey> {
  const [family, size = ''] = kind.split('-')
  const keyType: KeyType =
    family === 'rsa'
      ? 'ssh-rsa'
      : family === 'ecdsa'
        ? `ecdsa-sha2-nistp${size as '256' | '384' | '521'}`
        : 'ssh-ed25519'
  const rsa = keyType === 'ssh-rsa'
  const plain = keepPlain || rsa
  const pair = await generate(keyType, Number(size), plain)
  const publicKey = await blobOf(keyType, pair.publicKey)
  if (!plain) return { keyType, publicKey, comment, keys: [pair.privateKey] }
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey))
  return openedKey({ keyType, publicKey, pkcs8, comment }, keepPlain)
}

async function generate(keyType: KeyType, bits: number, extractable: boolean): Promise<CryptoKeyPair> {
  const { key } = schemeOf(keyType === 'ssh-rsa' ? 'rsa-sha2-512' : keyType)
  const modulus = keyType === 'ssh-rsa' && { modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1) }
  try {
    // The types tell algorithms apart by literal names; of these all make pairs.
    return (await crypto.subtle.generateKey({ ...key, ...modulus }, extractable, ['sign', 'verify'])) as CryptoKeyPair
  } catch (error) {
    throw new Failed('key-kind-missing', error)
  }
}

/** The public key blob of RFC 4253 §6.6. */
async function blobOf(keyType: KeyType, key: CryptoKey): Promise<Uint8Array<ArrayBuffer>> {
  const blob = new WireWriter().string(keyType)
  if (keyType === 'ssh-rsa') {
    const { e = '', n = '' } = await crypto.subtle.exportKey('jwk', key)
    return blob.mpint(fromBase64Url(e)).mpint(fromBase64Url(n)).done()
  }
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', key))
  if (keyType !== 'ssh-ed25519') blob.string(keyType.replace('ecdsa-sha2-', ''))
  return blob.string(raw).done()
}
