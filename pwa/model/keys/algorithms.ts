import { WireWriter } from '../sshWire.ts'

/** The types of keys that the browser can sign with (RFC 8709, RFC 5656, RFC 8332). */
const keyTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const
export type KeyType = (typeof keyTypes)[number]

interface Scheme {
  /** For `importKey`, and `generateKey` with a modulus where it is RSA. */
  key: Algorithm & { namedCurve?: string; hash?: string }
  /** For `sign` and `verify`. */
  sign: Algorithm & { hash?: string }
  /** Bytes of each half of an ECDSA signature (IEEE P1363). */
  half?: number
}

const ecdsa = (bits: number, hash: string): Scheme => ({
  key: { name: 'ECDSA', namedCurve: `P-${bits}` },
  sign: { name: 'ECDSA', hash },
  half: Math.ceil(bits / 8),
})
const rsa = (hash: string): Scheme => ({
  key: { name: 'RSASSA-PKCS1-v1_5', hash },
  sign: { name: 'RSASSA-PKCS1-v1_5' },
})

/** Signature algorithm → how WebCrypto is asked for it. A key of WebCrypto is for one of them, so RSA has two. */
const schemes: Readonly<Record<string, Scheme>> = {
  'ssh-ed25519': { key: { name: 'Ed25519' }, sign: { name: 'Ed25519' } },
  'ecdsa-sha2-nistp256': ecdsa(256, 'SHA-256'),
  'ecdsa-sha2-nistp384': ecdsa(384, 'SHA-384'),
  'ecdsa-sha2-nistp521': ecdsa(521, 'SHA-512'),
  'rsa-sha2-512': rsa('SHA-512'),
  'rsa-sha2-256': rsa('SHA-256'),
}

/** Narrows the name of a key type. */
export function isKeyType(text: string): text is KeyType {
  return (keyTypes as readonly string[]).includes(text)
}

/** The signature algorithms of a key type, the best first; the keys of a device identity stand in the same order. */
export function algorithmsOf(keyType: KeyType): readonly string[] {
  return keyType === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [keyType]
}

/** How WebCrypto is asked for a signature algorithm. */
export function schemeOf(algorithm: string): Scheme {
  const scheme = schemes[algorithm]
  if (!scheme) throw new TypeError(`There is no signature algorithm ${algorithm}`)
  return scheme
}

/** Signs as RFC 4253 §6.6 says it: the whole blob, algorithm and signature. */
export async function sshSignature(
  algorithm: string,
  key: CryptoKey,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const { sign, half } = schemeOf(algorithm)
  // Whoever calls has read or made the array; its type does not say that the buffer is not shared.
  const raw = new Uint8Array(await crypto.subtle.sign(sign, key, data as Uint8Array<ArrayBuffer>))
  const signature = half ? new WireWriter().mpint(raw.subarray(0, half)).mpint(raw.subarray(half)).done() : raw
  return new WireWriter().string(algorithm).string(signature).done()
}
