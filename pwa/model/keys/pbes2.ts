import { cbc } from '@noble/ciphers/aes.js'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { DerReader, tag } from './der.ts'
import { KeyProblem } from './keyProblem.ts'

/** Rounds of PBKDF2, and bytes of memory of scrypt, that a file may ask for. */
const bounds = { rounds: 10_000_000, memory: 256 * 1024 * 1024 }

const oids = {
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  scrypt: '1.3.6.1.4.1.11591.4.11',
}

const hashes: Record<string, string> = {
  '1.2.840.113549.2.7': 'SHA-1',
  '1.2.840.113549.2.9': 'SHA-256',
  '1.2.840.113549.2.10': 'SHA-384',
  '1.2.840.113549.2.11': 'SHA-512',
}

/** Key lengths in bytes of AES-CBC. */
const ciphers: Record<string, number> = {
  '2.16.840.1.101.3.4.1.2': 16,
  '2.16.840.1.101.3.4.1.22': 24,
  '2.16.840.1.101.3.4.1.42': 32,
}

/** Decrypts an EncryptedPrivateKeyInfo (RFC 5958 §3) with PBES2 (RFC 8018 §6.2, RFC 7914 §7). Throws `KeyProblem`. */
export async function openPbes2(bytes: Uint8Array, passphrase: string | undefined): Promise<Uint8Array> {
  const whole = new DerReader(bytes).sequence()
  const scheme = whole.sequence()
  if (scheme.oid() !== oids.pbes2) throw new KeyProblem('key-unsupported')
  const parameters = scheme.sequence()
  const derivation = parameters.sequence()
  const encryption = parameters.sequence()
  const length = ciphers[encryption.oid()]
  const iv = encryption.element(tag.octetString)
  const data = whole.element(tag.octetString)
  if (length === undefined || iv.length !== 16) throw new KeyProblem('key-unsupported')
  if (!passphrase) throw new KeyProblem('key-passphrase-needed')
  const key = await derive(derivation, new TextEncoder().encode(passphrase), length)
  try {
    return cbc(key, iv).decrypt(data)
  } catch (error) {
    throw new KeyProblem('key-passphrase-wrong', error)
  } finally {
    key.fill(0)
  }
}

function derive(derivation: DerReader, secret: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array> {
  const kind = derivation.oid()
  const parameters = derivation.sequence()
  const salt = Uint8Array.from(parameters.element(tag.octetString))
  if (kind === oids.pbkdf2) return pbkdf2(parameters, secret, salt, length)
  if (kind !== oids.scrypt) throw new KeyProblem('key-unsupported')
  const [N, r, p] = [parameters.number(), parameters.number(), parameters.number()]
  if (N < 2 || (N & (N - 1)) !== 0 || r < 1 || p < 1) throw new KeyProblem('key-unreadable')
  if (128 * N * r * p > bounds.memory) throw new KeyProblem('key-too-costly')
  return scryptAsync(secret, salt, { N, r, p, dkLen: length })
}

async function pbkdf2(
  parameters: DerReader,
  secret: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  length: number,
): Promise<Uint8Array> {
  const iterations = parameters.number()
  if (iterations < 1) throw new KeyProblem('key-unreadable')
  if (iterations > bounds.rounds) throw new KeyProblem('key-too-costly')
  if (parameters.next === tag.integer) parameters.number()
  const hash = parameters.done ? 'SHA-1' : hashes[parameters.sequence().oid()]
  if (hash === undefined) throw new KeyProblem('key-unsupported')
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash, salt, iterations }, key, length * 8)
  return new Uint8Array(bits)
}
