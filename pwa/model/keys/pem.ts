import { cbc } from '@noble/ciphers/aes.js'
import { md5 } from '@noble/hashes/legacy.js'
import { concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { DerReader, tag } from './der.ts'
import { KeyProblem } from './keyProblem.ts'
import { openPbes2 } from './pbes2.ts'
import type { PemBlock } from './pemBlock.ts'
import { type Curve, curveOfOid, ecdsaKey, ed25519Key, oids, type PlainKey, rsaKey } from './plainKey.ts'

/** Reads a PKCS#1, SEC1 or PKCS#8 key, encrypted or not. Throws `KeyProblem`. */
export async function readPem(block: PemBlock, passphrase: string | undefined): Promise<PlainKey> {
  switch (block.label) {
    case 'RSA PRIVATE KEY':
      return opened(block, passphrase, (bytes) => readPkcs1(bytes))
    case 'EC PRIVATE KEY':
      return opened(block, passphrase, (bytes) => readSec1(bytes, undefined))
    case 'PRIVATE KEY':
      return readPkcs8(block.bytes)
    case 'ENCRYPTED PRIVATE KEY':
      return wiping(await openPbes2(block.bytes, passphrase), readPkcs8)
    default:
      throw new KeyProblem('key-unsupported')
  }
}

/** Reads PKCS#8 in the clear (RFC 5958). Throws `KeyProblem`. */
async function readPkcs8(bytes: Uint8Array): Promise<PlainKey> {
  const whole = new DerReader(bytes).sequence()
  if (whole.number() > 1) throw new KeyProblem('key-unreadable')
  const algorithm = whole.sequence()
  const type = algorithm.oid()
  const key = whole.element(tag.octetString)
  if (type === oids.rsa) return readPkcs1(key)
  if (type === oids.ed25519) return ed25519Key(new DerReader(key).element(tag.octetString))
  if (type === oids.ec) return readSec1(key, curveOfOid(algorithm.oid()))
  throw new KeyProblem('key-unsupported')
}

/** PKCS#1 (RFC 8017 §A.1.2). */
function readPkcs1(bytes: Uint8Array): Promise<PlainKey> {
  const key = new DerReader(bytes).sequence()
  if (key.number() !== 0) throw new KeyProblem('key-unsupported')
  const [n, e, d, p, q] = [key.integer(), key.integer(), key.integer(), key.integer(), key.integer()]
  key.integer()
  key.integer()
  return rsaKey({ n, e, d, p, q, iqmp: key.integer() })
}

/** SEC1 (RFC 5915). @param curve that PKCS#8 named outside */
function readSec1(bytes: Uint8Array, curve: Curve | undefined): Promise<PlainKey> {
  const key = new DerReader(bytes).sequence()
  if (key.number() !== 1) throw new KeyProblem('key-unreadable')
  const scalar = key.element(tag.octetString)
  const named = key.next === tag.context(0) ? new DerReader(key.element(tag.context(0))).oid() : undefined
  const point = key.next === tag.context(1) ? new DerReader(key.element(tag.context(1))).bits() : undefined
  const on = curve ?? (named === undefined ? undefined : curveOfOid(named))
  if (!on) throw new KeyProblem('key-unsupported')
  return ecdsaKey(on, scalar, point)
}

/** Decrypts what OpenSSL's traditional format has encrypted: one round of MD5, as EVP_BytesToKey does. */
async function opened(
  { headers, bytes }: PemBlock,
  passphrase: string | undefined,
  read: (bytes: Uint8Array) => Promise<PlainKey>,
): Promise<PlainKey> {
  const info = headers.get('DEK-Info')
  if (info === undefined) return read(bytes)
  const [, bits, iv] = /^AES-(128|192|256)-CBC,([0-9A-Fa-f]{32})$/.exec(info) ?? []
  if (bits === undefined || iv === undefined) throw new KeyProblem('key-unsupported')
  if (!passphrase) throw new KeyProblem('key-passphrase-needed')
  const salt = hexToBytes(iv)
  const secret = new TextEncoder().encode(passphrase)
  let digest = new Uint8Array()
  let key = new Uint8Array()
  while (key.length < Number(bits) / 8) {
    digest = md5(concatBytes(digest, secret, salt.subarray(0, 8))) as typeof digest
    key = concatBytes(key, digest) as typeof key
  }
  let plain: Uint8Array
  try {
    plain = cbc(key.subarray(0, Number(bits) / 8), salt).decrypt(bytes)
  } catch (error) {
    throw new KeyProblem('key-passphrase-wrong', error)
  }
  return wiping(plain, read)
}

/** Reads what was decrypted and wipes it; what cannot be read was decrypted with another passphrase. */
async function wiping(plain: Uint8Array, read: (bytes: Uint8Array) => Promise<PlainKey>): Promise<PlainKey> {
  try {
    return await read(plain)
  } catch (error) {
    if (error instanceof KeyProblem && error.code === 'key-unreadable') throw new KeyProblem('key-passphrase-wrong')
    throw error
  } finally {
    plain.fill(0)
  }
}
