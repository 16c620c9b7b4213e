import { WireWriter } from '../sshWire.ts'
import { type KeyType, schemeOf } from './algorithms.ts'
import { fromBase64Url } from './base64Url.ts'
import { der, derInteger, derOid, tag } from './der.ts'
import { KeyProblem } from './keyProblem.ts'

/** A private key in the clear, on its way into WebCrypto or the vault. */
export interface PlainKey {
  keyType: KeyType
  /** The blob of RFC 4253 §6.6. */
  publicKey: Uint8Array<ArrayBuffer>
  /** Wipe it when it has been used. */
  pkcs8: Uint8Array<ArrayBuffer>
  comment: string
}

export type Curve = 'nistp256' | 'nistp384' | 'nistp521'

/** Object identifiers of key algorithms (RFC 8017, RFC 5480, RFC 8410). */
export const oids = {
  rsa: '1.2.840.113549.1.1.1',
  ec: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
}

const curves: Record<Curve, { oid: string; bytes: number }> = {
  nistp256: { oid: '1.2.840.10045.3.1.7', bytes: 32 },
  nistp384: { oid: '1.3.132.0.34', bytes: 48 },
  nistp521: { oid: '1.3.132.0.35', bytes: 66 },
}
const curveNames = Object.keys(curves) as Curve[]

/** Bits of an RSA modulus. OpenSSH takes none below 1,024; beyond the upper bound one signature takes seconds. */
const rsaBits = { min: 1024, max: 16_384 }

/** Narrows the name of a curve. Throws `KeyProblem('key-unsupported')`. */
export function curveNamed(name: string): Curve {
  const curve = curveNames.find((one) => one === name)
  if (!curve) throw new KeyProblem('key-unsupported')
  return curve
}

/** The curve of an object identifier. Throws `KeyProblem('key-unsupported')`. */
export function curveOfOid(oid: string): Curve {
  return curveNamed(curveNames.find((name) => curves[name].oid === oid) ?? '')
}

/** @param seed 32 bytes (RFC 8032 §5.1.5) */
export async function ed25519Key(seed: Uint8Array, comment = ''): Promise<PlainKey> {
  if (seed.length !== 32) throw new KeyProblem('key-unreadable')
  const pkcs8 = wrapped(der(tag.sequence, derOid(oids.ed25519)), der(tag.octetString, seed))
  const { x } = await publicHalf(pkcs8, 'ssh-ed25519')
  return { keyType: 'ssh-ed25519', publicKey: new WireWriter().string('ssh-ed25519').string(x).done(), pkcs8, comment }
}

/** @param point uncompressed (SEC1 §2.3.3); without it, it is computed */
export async function ecdsaKey(
  curve: Curve,
  scalar: Uint8Array,
  point: Uint8Array | undefined,
  comment = '',
): Promise<PlainKey> {
  const { oid, bytes } = curves[curve]
  const bare = scalar.subarray(Math.max(0, scalar.length - bytes))
  if (bare.length === 0 || scalar.subarray(0, scalar.length - bare.length).some((byte) => byte !== 0))
    throw new KeyProblem('key-unreadable')
  const fixed = new Uint8Array(bytes)
  fixed.set(bare, bytes - bare.length)
  if (point && (point.length !== 2 * bytes + 1 || point[0] !== 4)) throw new KeyProblem('key-unsupported')
  const algorithm = der(tag.sequence, derOid(oids.ec), derOid(oid))
  const around = (point: Uint8Array | undefined) =>
    wrapped(
      algorithm,
      der(
        tag.sequence,
        derInteger(Uint8Array.of(1)),
        der(tag.octetString, fixed),
        ...(point ? [der(tag.context(1), der(tag.bitString, Uint8Array.of(0), point))] : []),
      ),
    )
  const keyType = `ecdsa-sha2-${curve}` as const
  const { x, y } = await publicHalf(around(point), keyType)
  const found = Uint8Array.of(4, ...x, ...y)
  if (point?.some((byte, at) => byte !== found[at])) throw new KeyProblem('key-unreadable')
  const pkcs8 = around(found)
  fixed.fill(0)
  return {
    keyType,
    publicKey: new WireWriter().string(keyType).string(curve).string(found).done(),
    pkcs8,
    comment,
  }
}

/** The numbers of an RSA key (RFC 8017 §3.2), big-endian. */
export interface RsaNumbers {
  n: Uint8Array
  e: Uint8Array
  d: Uint8Array
  p: Uint8Array
  q: Uint8Array
  iqmp: Uint8Array
}

export async function rsaKey({ n, e, d, p, q, iqmp }: RsaNumbers, comment = ''): Promise<PlainKey> {
  const first = n.findIndex((byte) => byte !== 0)
  const modulus = first < 0 ? n.subarray(n.length) : n.subarray(first)
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24
  if (bits < rsaBits.min || bits > rsaBits.max) throw new KeyProblem('key-unsupported')
  const [D, P, Q] = [toBigInt(d), toBigInt(p), toBigInt(q)]
  if (P < 2n || Q < 2n || P * Q !== toBigInt(modulus)) throw new KeyProblem('key-unreadable')
  const numbers = [modulus, e, d, p, q, toBytes(D % (P - 1n)), toBytes(D % (Q - 1n)), iqmp]
  const pkcs8 = wrapped(
    der(tag.sequence, derOid(oids.rsa), der(tag.null)),
    der(tag.sequence, derInteger(Uint8Array.of(0)), ...numbers.map(derInteger)),
  )
  return {
    keyType: 'ssh-rsa',
    publicKey: new WireWriter().string('ssh-rsa').mpint(e).mpint(modulus).done(),
    pkcs8,
    comment,
  }
}

/** A PrivateKeyInfo (RFC 5958). */
function wrapped(algorithm: Uint8Array, key: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = der(tag.sequence, derInteger(Uint8Array.of(0)), algorithm, der(tag.octetString, key))
  key.fill(0)
  return whole
}

/** The public half, which the browser computes from the private one. */
async function publicHalf(
  pkcs8: Uint8Array<ArrayBuffer>,
  algorithm: string,
): Promise<{ x: Uint8Array; y: Uint8Array }> {
  try {
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, schemeOf(algorithm).key, true, ['sign'])
    const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', key)
    return { x: fromBase64Url(x), y: fromBase64Url(y) }
  } catch (error) {
    throw new KeyProblem('key-unreadable', error)
  }
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`)
}

function toBytes(value: bigint): Uint8Array {
  const digits = value.toString(16)
  const whole = digits.length % 2 ? `0${digits}` : digits
  return Uint8Array.from(whole.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
