import { cbc } from '@noble/ciphers/aes.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { argon2d, argon2i, argon2id } from 'hash-wasm'
import { sameBytes, WireError, WireReader, WireWriter } from '../sshWire.ts'
import { isKeyType, type KeyType } from './algorithms.ts'
import { KeyProblem } from './keyProblem.ts'
import { bytesOf } from './pemBlock.ts'
import { curveNamed, ecdsaKey, ed25519Key, type PlainKey, rsaKey } from './plainKey.ts'

/** What Argon2 may be asked for: KiB of memory, passes, and both together as KiB that are filled (some 20 s here). */
const bounds = { memory: 256 * 1024, passes: 1000, filled: 8 * 1024 * 1024, parallelism: 16, lines: 2000 }

const argon2 = { Argon2id: argon2id, Argon2i: argon2i, Argon2d: argon2d }

interface Ppk {
  version: 2 | 3
  keyType: KeyType
  encryption: 'none' | 'aes256-cbc'
  comment: string
  publicKey: Uint8Array
  secret: Uint8Array
  proof: Uint8Array
  headers: ReadonlyMap<string, string>
}

/** Reads PuTTY's own format, versions 2 and 3 (PuTTY manual, appendix C). Throws `KeyProblem`. */
export async function readPutty(text: string, passphrase: string | undefined): Promise<PlainKey> {
  const ppk = parse(text)
  const encrypted = ppk.encryption !== 'none'
  if (encrypted && !passphrase) throw new KeyProblem('key-passphrase-needed')
  const keys = await derive(ppk, encrypted ? (passphrase ?? '') : '')
  if (encrypted && (ppk.secret.length === 0 || ppk.secret.length % 16 !== 0)) throw new KeyProblem('key-unreadable')
  const plain = encrypted ? cbc(keys.cipher, keys.iv, { disablePadding: true }).decrypt(ppk.secret) : ppk.secret
  const { keyType, encryption, comment, publicKey, version } = ppk
  const proved = new WireWriter().string(keyType).string(encryption).string(comment).string(publicKey).string(plain)
  try {
    if (!sameBytes(hmac(version === 3 ? sha256 : sha1, keys.mac, proved.done()), ppk.proof))
      throw new KeyProblem(encrypted ? 'key-passphrase-wrong' : 'key-unreadable')
    const key = await readFields(keyType, new WireReader(publicKey), new WireReader(plain), comment)
    if (!sameBytes(key.publicKey, publicKey)) throw new KeyProblem('key-unreadable')
    return key
  } catch (error) {
    if (error instanceof WireError) throw new KeyProblem('key-unreadable', error)
    throw error
  } finally {
    plain.fill(0)
    keys.cipher.fill(0)
  }
}

function parse(text: string): Ppk {
  const lines = text.split(/\r\n|\r|\n/)
  const headers = new Map<string, string>()
  const blobs = new Map<string, Uint8Array>()
  for (let at = 0; at < lines.length; at++) {
    const [, name, value] = /^([A-Za-z0-9-]{1,40}): ?(.*)$/.exec(lines[at] ?? '') ?? []
    if (name === undefined || value === undefined) continue
    headers.set(name, value)
    if (!name.endsWith('-Lines')) continue
    const count = Number(value)
    if (!Number.isInteger(count) || count < 0 || count > bounds.lines) throw new KeyProblem('key-unreadable')
    blobs.set(name, bytesOf(lines.slice(at + 1, at + 1 + count).join('')))
    at += count
  }
  const version = headers.has('PuTTY-User-Key-File-3') ? 3 : 2
  const keyType = headers.get(`PuTTY-User-Key-File-${version}`)
  const encryption = headers.get('Encryption')
  const publicKey = blobs.get('Public-Lines')
  const secret = blobs.get('Private-Lines')
  if (keyType === undefined) throw new KeyProblem('key-unsupported')
  if (!publicKey || !secret) throw new KeyProblem('key-unreadable')
  if (!isKeyType(keyType) || (encryption !== 'none' && encryption !== 'aes256-cbc'))
    throw new KeyProblem('key-unsupported')
  const comment = headers.get('Comment') ?? ''
  return { version, keyType, encryption, comment, publicKey, secret, proof: hexOf(headers.get('Private-MAC')), headers }
}

interface Derived {
  cipher: Uint8Array
  iv: Uint8Array
  mac: Uint8Array
}

async function derive({ version, encryption, headers }: Ppk, passphrase: string): Promise<Derived> {
  const secret = new TextEncoder().encode(passphrase)
  const none = new Uint8Array()
  if (version === 2) {
    const half = (number: number) => sha1(concatBytes(Uint8Array.of(0, 0, 0, number), secret))
    return {
      cipher: concatBytes(half(0), half(1)).subarray(0, 32),
      iv: new Uint8Array(16),
      mac: sha1(concatBytes(new TextEncoder().encode('putty-private-key-file-mac-key'), secret)),
    }
  }
  if (encryption === 'none') return { cipher: none, iv: none, mac: none }
  const number = (name: string) => Number(headers.get(`Argon2-${name}`))
  const [memorySize, iterations, parallelism] = [number('Memory'), number('Passes'), number('Parallelism')]
  if (![memorySize, iterations, parallelism].every((value) => Number.isInteger(value) && value > 0))
    throw new KeyProblem('key-unreadable')
  if (
    memorySize > bounds.memory ||
    iterations > bounds.passes ||
    memorySize * iterations > bounds.filled ||
    parallelism > bounds.parallelism
  )
    throw new KeyProblem('key-too-costly')
  const salt = hexOf(headers.get('Argon2-Salt'))
  if (salt.length < 8 || memorySize < 8 * parallelism) throw new KeyProblem('key-unreadable')
  const kind = headers.get('Key-Derivation') ?? ''
  if (!Object.hasOwn(argon2, kind)) throw new KeyProblem('key-unsupported')
  const derived = await argon2[kind as keyof typeof argon2]({
    password: secret,
    salt,
    memorySize,
    iterations,
    parallelism,
    hashLength: 80,
    outputType: 'binary',
  })
  return { cipher: derived.subarray(0, 32), iv: derived.subarray(32, 48), mac: derived.subarray(48) }
}

async function readFields(keyType: KeyType, known: WireReader, secret: WireReader, comment: string): Promise<PlainKey> {
  known.string()
  if (keyType === 'ssh-rsa') {
    const [e, n] = [known.mpint(), known.mpint()]
    const [d, p, q, iqmp] = [secret.mpint(), secret.mpint(), secret.mpint(), secret.mpint()]
    return rsaKey({ n, e, d, p, q, iqmp }, comment)
  }
  if (keyType === 'ssh-ed25519') return ed25519Key(secret.string(), comment)
  const curve = curveNamed(known.text())
  return ecdsaKey(curve, secret.mpint(), known.string(), comment)
}

function hexOf(text: string | undefined): Uint8Array {
  if (text === undefined || !/^(?:[0-9a-fA-F]{2}){1,64}$/.test(text)) throw new KeyProblem('key-unreadable')
  return hexToBytes(text)
}
