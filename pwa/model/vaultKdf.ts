import type { Kdf } from '../store/schema.ts'
import type { Argon2Ask } from './argon2.ts'
import { Failed } from './failure.ts'
import { askWorker } from './worker.ts'

/**
 * Below these a record is refused without trying the passphrase: somebody has turned it down (OWASP's password storage
 * cheat sheet has the same as its least). KiB, passes, rounds; bytes of salt.
 */
const floor = { memory: 19_456, passes: 2, rounds: 600_000, salt: 16 }

/** What Argon2id is made to cost; memory in KiB. */
export interface Strength {
  memory: number
  passes: number
  lanes: number
}

/** What a passphrase is worth today: half a second to a second. */
export const today: Strength = { memory: 65_536, passes: 3, lanes: 1 }

/** On a device that has not got the memory. */
export const least: Strength = { memory: floor.memory, passes: floor.passes, lanes: 1 }

const encoder = new TextEncoder()

/** Whether a record's way from passphrase to key is not weaker than any that this app has ever used; pure. */
export function strongEnough(kdf: Kdf): boolean {
  if (kdf.salt.length < floor.salt) return false
  if (kdf.name === 'pbkdf2-sha256') return kdf.rounds >= floor.rounds
  return kdf.memory >= floor.memory && kdf.passes >= floor.passes
}

/** Whether it costs as much as a new one would; pure. */
export function upToDate(kdf: Kdf, { memory, passes }: Strength): boolean {
  return kdf.name === 'argon2id' && kdf.memory >= memory && kdf.passes >= passes
}

/** The key that a passphrase stands for: AES-GCM, not to be exported. Rejects with `Failed('no-argon2')`. */
export async function deriveKey(kdf: Kdf, passphrase: string): Promise<CryptoKey> {
  const bytes = encoder.encode(passphrase.normalize('NFC'))
  if (kdf.name === 'pbkdf2-sha256') return pbkdf2(bytes, kdf.salt, kdf.rounds)
  const { salt, memory, passes, lanes } = kdf
  const secret = await runArgon2({ passphrase: bytes, salt, memory, passes, lanes }).catch((cause: unknown) => {
    throw new Failed('no-argon2', cause)
  })
  bytes.fill(0)
  const key = await crypto.subtle.importKey('raw', new Uint8Array(secret), 'AES-GCM', false, ['encrypt', 'decrypt'])
  secret.fill(0)
  return key
}

/** A key with the way that leads to it. */
export interface Derived {
  kdf: Kdf
  key: CryptoKey
}

const newSalt = () => crypto.getRandomValues(new Uint8Array(floor.salt))

/** A new salt, and the key by Argon2id of this strength; undefined where this device cannot. */
export async function deriveAt(passphrase: string, strength: Strength): Promise<Derived | undefined> {
  const kdf: Kdf = { name: 'argon2id', salt: newSalt(), ...strength }
  const key = await deriveKey(kdf, passphrase).catch(() => undefined)
  return key && { kdf, key }
}

/** A new salt, and the key by the strongest way that this device can go: without WebAssembly that is PBKDF2. */
export async function deriveNew(passphrase: string, wanted: Strength): Promise<Derived> {
  const derived = (await deriveAt(passphrase, wanted)) ?? (await deriveAt(passphrase, least))
  if (derived) return derived
  const kdf: Kdf = { name: 'pbkdf2-sha256', salt: newSalt(), rounds: floor.rounds }
  return { kdf, key: await deriveKey(kdf, passphrase) }
}

async function pbkdf2(
  bytes: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveKey'])
  bytes.fill(0)
  const way = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
  return crypto.subtle.deriveKey(way, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

/** In a worker, so that no terminal stutters; in this thread where there are none (Node). */
async function runArgon2(ask: Argon2Ask): Promise<Uint8Array> {
  if (typeof Worker === 'undefined') {
    const { argon2 } = await import('./argon2.ts')
    return argon2(ask)
  }
  const { default: url } = await import('./argon2.worker.ts?worker&url')
  return askWorker<Uint8Array>(url, ask)
}
