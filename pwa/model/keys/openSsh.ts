import { poly1305 } from '@noble/ciphers/_poly1305.js'
import { cbc } from '@noble/ciphers/aes.js'
import { chacha20orig } from '@noble/ciphers/chacha.js'
import { pbkdf } from 'bcrypt-pbkdf'
import { sameBytes, WireError, WireReader } from '../sshWire.ts'
import { isKeyType } from './algorithms.ts'
import { KeyProblem } from './keyProblem.ts'
import { curveNamed, ecdsaKey, ed25519Key, type PlainKey, rsaKey } from './plainKey.ts'

const MAGIC = 'openssh-key-v1\0'
/** Rounds of bcrypt that a file may ask for: some 30 s here. ssh-keygen's default is 16 or 24, careful people take 100. */
const MAX_ROUNDS = 1024

interface Cipher {
  keyBytes: number
  ivBytes: number
  /** Bytes after the encrypted part that prove it. */
  tagBytes: number
  open(key: Uint8Array, iv: Uint8Array, data: Uint8Array, proof: Uint8Array): Promise<Uint8Array>
}

const ctr = (keyBytes: number): Cipher => ({
  keyBytes,
  ivBytes: 16,
  tagBytes: 0,
  open: (key, iv, data) => decrypt({ name: 'AES-CTR', counter: copy(iv), length: 128 } as AesCtrParams, key, data),
})
const padless = (keyBytes: number): Cipher => ({
  keyBytes,
  ivBytes: 16,
  tagBytes: 0,
  // WebCrypto knows AES-CBC with PKCS#7 padding only.
  open: async (key, iv, data) => cbc(key, iv, { disablePadding: true }).decrypt(data),
})
const gcm = (keyBytes: number): Cipher => ({
  keyBytes,
  ivBytes: 12,
  tagBytes: 16,
  open: (key, iv, data, proof) =>
    decrypt({ name: 'AES-GCM', iv: copy(iv) } as AesGcmParams, key, Uint8Array.of(...data, ...proof)),
})

/** The ciphers of ssh-keygen's `-Z` that are safe (OpenSSH PROTOCOL.key, PROTOCOL.chacha20poly1305). */
const ciphers: Readonly<Record<string, Cipher>> = {
  'aes128-ctr': ctr(16),
  'aes256-ctr': ctr(32),
  'aes128-cbc': padless(16),
  'aes192-cbc': padless(24),
  'aes256-cbc': padless(32),
  'aes128-gcm@openssh.com': gcm(16),
  'aes256-gcm@openssh.com': gcm(32),
  'chacha20-poly1305@openssh.com': { keyBytes: 64, ivBytes: 0, tagBytes: 16, open: openChacha },
}

/** Reads `openssh-key-v1` (OpenSSH PROTOCOL.key). Throws `KeyProblem`. */
export async function readOpenSsh(bytes: Uint8Array, passphrase: string | undefined): Promise<PlainKey> {
  try {
    return await read(bytes, passphrase)
  } catch (error) {
    if (error instanceof WireError) throw new KeyProblem('key-unreadable', error)
    throw error
  }
}

async function read(bytes: Uint8Array, passphrase: string | undefined): Promise<PlainKey> {
  const whole = new WireReader(bytes)
  if (ascii(whole.bytes(MAGIC.length)) !== MAGIC) throw new KeyProblem('key-unreadable')
  const cipherName = whole.text()
  const kdf = whole.text()
  const kdfOptions = whole.string()
  if (whole.uint32() !== 1) throw new KeyProblem('key-unsupported')
  const publicKey = whole.string()
  const data = whole.string()
  if (cipherName === 'none') {
    if (kdf !== 'none') throw new KeyProblem('key-unreadable')
    return readPrivate(data, publicKey)
  }
  const cipher = Object.hasOwn(ciphers, cipherName) ? ciphers[cipherName] : undefined
  if (!cipher || kdf !== 'bcrypt') throw new KeyProblem('key-unsupported')
  const proof = whole.bytes(cipher.tagBytes)
  if (!passphrase) throw new KeyProblem('key-passphrase-needed')
  const derived = bcrypt(kdfOptions, passphrase, cipher.keyBytes + cipher.ivBytes)
  let plain: Uint8Array | undefined
  try {
    plain = await cipher.open(derived.subarray(0, cipher.keyBytes), derived.subarray(cipher.keyBytes), data, proof)
    return await readPrivate(plain, publicKey)
  } catch (error) {
    if (error instanceof KeyProblem && error.code !== 'key-unreadable') throw error
    throw new KeyProblem('key-passphrase-wrong', error)
  } finally {
    derived.fill(0)
    plain?.fill(0)
  }
}

async function readPrivate(bytes: Uint8Array, publicKey: Uint8Array): Promise<PlainKey> {
  const whole = new WireReader(bytes)
  const check = whole.uint32()
  if (whole.uint32() !== check) throw new KeyProblem('key-unreadable')
  const key = await readFields(whole)
  for (let pad = 1; whole.left > 0; pad++) if (whole.byte() !== (pad & 0xff)) throw new KeyProblem('key-unreadable')
  if (!sameBytes(key.publicKey, publicKey)) throw new KeyProblem('key-unreadable')
  return key
}

async function readFields(from: WireReader): Promise<PlainKey> {
  const keyType = from.text()
  if (!isKeyType(keyType)) throw new KeyProblem(/^[a-z0-9@.-]+$/.test(keyType) ? 'key-unsupported' : 'key-unreadable')
  if (keyType === 'ssh-ed25519') {
    from.string()
    const pair = from.string()
    if (pair.length !== 64) throw new KeyProblem('key-unreadable')
    return ed25519Key(pair.subarray(0, 32), comment(from))
  }
  if (keyType === 'ssh-rsa') {
    const [n, e, d, iqmp, p, q] = [from.mpint(), from.mpint(), from.mpint(), from.mpint(), from.mpint(), from.mpint()]
    return rsaKey({ n, e, d, iqmp, p, q }, comment(from))
  }
  const curve = curveNamed(from.text())
  if (keyType !== `ecdsa-sha2-${curve}`) throw new KeyProblem('key-unreadable')
  const point = from.string()
  return ecdsaKey(curve, from.mpint(), point, comment(from))
}

function comment(from: WireReader): string {
  return new TextDecoder().decode(from.string())
}

function bcrypt(options: Uint8Array, passphrase: string, length: number): Uint8Array {
  const from = new WireReader(options)
  const salt = from.string()
  const rounds = from.uint32()
  if (rounds > MAX_ROUNDS) throw new KeyProblem('key-too-costly')
  const secret = new TextEncoder().encode(passphrase)
  const derived = new Uint8Array(length)
  const failed = pbkdf(secret, secret.length, salt, salt.length, derived, length, rounds)
  secret.fill(0)
  if (failed) throw new KeyProblem('key-unreadable')
  return derived
}

/** As for packets, with sequence number 0 and no length: the first half of the key alone is used. */
async function openChacha(key: Uint8Array, _iv: Uint8Array, data: Uint8Array, proof: Uint8Array): Promise<Uint8Array> {
  const main = key.subarray(0, 32)
  const nonce = new Uint8Array(8)
  const once = chacha20orig(main, nonce, new Uint8Array(32))
  if (!sameBytes(poly1305(data, once), proof)) throw new KeyProblem('key-passphrase-wrong')
  return chacha20orig(main, nonce, data, undefined, 1)
}

async function decrypt(
  parameters: AesCtrParams | AesGcmParams,
  key: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey('raw', copy(key), parameters.name, false, ['decrypt'])
  return new Uint8Array(await crypto.subtle.decrypt(parameters, imported, copy(data)))
}

function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes)
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
