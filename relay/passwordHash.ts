import { type BinaryLike, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import * as v from 'valibot'
import { Refusal } from '../shared/failure.ts'

const base64 = v.pipe(v.string(), v.base64())

/** A password at rest. The cost stands beside the hash, so that a later version may raise it. */
export const PasswordHash = v.strictObject({
  kdf: v.literal('scrypt'),
  N: v.pipe(v.number(), v.integer(), v.minValue(2 ** 14), v.maxValue(2 ** 20)),
  r: v.pipe(v.number(), v.integer(), v.minValue(8), v.maxValue(32)),
  p: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)),
  salt: base64,
  hash: base64,
})
export type PasswordHash = v.InferOutput<typeof PasswordHash>

/** 32 MiB, about a quarter of a second; as strong as N=2^17 r=8 p=1 at a quarter of its memory. */
const cost = { N: 2 ** 15, r: 8, p: 3 }
/** More at once would take the memory and the cores that terminals need. */
const AT_ONCE = 2
/** Callers that may wait; the next is refused, so that a flood costs no memory. */
const WAITING_MAX = 16

const derive = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt)

let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= WAITING_MAX) throw new Refusal('too-many-requests')
    await new Promise<void>((start) => waiting.push(start))
  } else running += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

function digest(password: string, { N, r, p, salt }: Omit<PasswordHash, 'hash' | 'kdf'>): Promise<Buffer> {
  const text = Buffer.from(password.normalize('NFKC'))
  return inTurn(() => derive(text, Buffer.from(salt, 'base64'), 32, { N, r, p, maxmem: 256 * N * r }))
}

/** Hashes off the main thread, at most two at once. @throws Refusal `too-many-requests` where too many wait */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16).toString('base64')
  const hash = await digest(password, { ...cost, salt })
  return { kdf: 'scrypt', ...cost, salt, hash: hash.toString('base64') }
}

/** Compares in constant time; takes as long for any wrong password. @throws Refusal `too-many-requests` */
export async function matchesPassword(password: string, known: PasswordHash): Promise<boolean> {
  const hash = Buffer.from(known.hash, 'base64')
  const given = await digest(password, known)
  return hash.length === given.length && timingSafeEqual(hash, given)
}
