import { WireError, WireReader } from './sshWire.ts'

/** How WebCrypto verifies with the key of a blob, by signature algorithm. */
interface Way {
  keyType: string
  hash?: 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'
  /** Bytes of a coordinate. */
  size?: number
  curve?: { ssh: string; web: string }
}

const ways: Readonly<Record<string, Way>> = {
  'ssh-ed25519': { keyType: 'ssh-ed25519' },
  'ecdsa-sha2-nistp256': ecdsa('nistp256', 'P-256', 'SHA-256', 32),
  'ecdsa-sha2-nistp384': ecdsa('nistp384', 'P-384', 'SHA-384', 48),
  'ecdsa-sha2-nistp521': ecdsa('nistp521', 'P-521', 'SHA-512', 66),
  'rsa-sha2-256': { keyType: 'ssh-rsa', hash: 'SHA-256' },
  'rsa-sha2-512': { keyType: 'ssh-rsa', hash: 'SHA-512' },
}
const legacyWays: Readonly<Record<string, Way>> = { ...ways, 'ssh-rsa': { keyType: 'ssh-rsa', hash: 'SHA-1' } }

function ecdsa(ssh: string, web: string, hash: NonNullable<Way['hash']>, size: number): Way {
  return { keyType: `ecdsa-sha2-${ssh}`, hash, size, curve: { ssh, web } }
}

/**
 * Whether a signature blob (RFC 4253 §6.6, RFC 5656 §3.1.2, RFC 8332, RFC 8709) is by the key of a public key blob, over the
 * data, and of the algorithm that is asked for.
 * @param legacy whether `ssh-rsa` with SHA-1 will do
 * Throws `WireError` for blobs that cannot be read; rejects with the browser's own error for algorithms it has not.
 */
export async function verifySshSignature(
  of: { publicKey: Uint8Array; signature: Uint8Array; algorithm: string; data: Uint8Array },
  legacy = false,
): Promise<boolean> {
  const known = legacy ? legacyWays : ways
  const way = Object.hasOwn(known, of.algorithm) ? known[of.algorithm] : undefined
  if (!way) throw new WireError('This signature algorithm is not known')
  const blob = new WireReader(of.signature)
  if (blob.text() !== of.algorithm) return false
  const signature = blob.string()
  blob.end()
  const key = new WireReader(of.publicKey)
  if (key.text() !== way.keyType) return false
  const data = of.data.slice()
  if (way.keyType === 'ssh-ed25519') {
    const raw = key.string().slice()
    key.end()
    const imported = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify'])
    return crypto.subtle.verify('Ed25519', imported, signature.slice(), data)
  }
  const { hash = 'SHA-256' } = way
  if (way.curve && way.size !== undefined) {
    if (key.text() !== way.curve.ssh) return false
    const point = key.string().slice()
    key.end()
    const algorithm = { name: 'ECDSA', namedCurve: way.curve.web }
    const imported = await crypto.subtle.importKey('raw', point, algorithm, false, ['verify'])
    const numbers = new WireReader(signature)
    const [r, s] = [numbers.mpint(), numbers.mpint()]
    numbers.end()
    if (r.length > way.size || s.length > way.size) return false
    const fixed = new Uint8Array(2 * way.size)
    fixed.set(r, way.size - r.length)
    fixed.set(s, 2 * way.size - s.length)
    return crypto.subtle.verify({ name: 'ECDSA', hash }, imported, fixed, data)
  }
  const exponent = key.mpint()
  const modulus = key.mpint()
  key.end()
  if (signature.length > modulus.length) return false
  const jwk = { kty: 'RSA', e: base64Url(exponent), n: base64Url(modulus) }
  const imported = await crypto.subtle.importKey('jwk', jwk, { name: 'RSASSA-PKCS1-v1_5', hash }, false, ['verify'])
  // Some servers leave out leading zeros.
  const padded = new Uint8Array(modulus.length)
  padded.set(signature, modulus.length - signature.length)
  return crypto.subtle.verify('RSASSA-PKCS1-v1_5', imported, padded, data)
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}
