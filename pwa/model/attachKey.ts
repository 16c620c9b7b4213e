import { attachBytes, authoriseBytes, type ServerMessage } from '../../shared/protocol.ts'
import type { Tab } from '../store/schema.ts'
import { Failed } from './failure.ts'
import type { Hello, Link } from './link.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }

/** What of a tab's record stands for its session on the relay. */
type Claim = Pick<NonNullable<Tab['session']>, 'sessionId' | 'attachKey'>

/** A key made for one session: whoever signs with it may take the session up. The private half cannot be exported. */
export interface AttachKey {
  privateKey: CryptoKey
  /** SPKI, for `ssh-connect`. */
  publicKey: Uint8Array
}

/** Makes one, or returns undefined where the page has no WebCrypto (plain http off loopback). */
export async function makeAttachKey(): Promise<AttachKey | undefined> {
  if (!globalThis.crypto?.subtle) return undefined
  const pair = await crypto.subtle.generateKey(algorithm, false, ['sign'])
  return {
    privateKey: pair.privateKey,
    publicKey: new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey)),
  }
}

/**
 * Takes a session for a link's socket, with output from `offset` on. What is signed (IEEE P1363 ECDSA-SHA-256) says who is
 * asked, for what, from where. Rejects with `Failed`.
 */
export async function claimSession(
  link: Link,
  { nonce, epoch }: Hello,
  { sessionId, attachKey }: Claim,
  offset: number,
  typist: string,
): Promise<ServerMessage<'ssh-attached'>> {
  if (!attachKey) throw new Failed('no-key')
  const signature = await sign(attachKey, attachBytes({ nonce, epoch, sessionId, offset }))
  return link.ask('ssh-attach', { sessionId, offset, signature, typist })
}

/**
 * Lets another key take a session up.
 * @param key SPKI
 * @param once milliseconds within which it is good for one use; without, it is lasting
 * Rejects with `Failed`.
 */
export async function authoriseKey(
  link: Link,
  { nonce, epoch }: Hello,
  { sessionId, attachKey }: Claim,
  key: Uint8Array,
  once?: number,
): Promise<void> {
  if (!attachKey) throw new Failed('no-key')
  const signature = await sign(attachKey, authoriseBytes({ nonce, epoch, sessionId, key, once }))
  await link.ask('ssh-authorise', { sessionId, key, signature, ...(once !== undefined && { once }) })
}

/** A key that fits into a link: 129 characters that are good for one use, and its public half as SPKI. */
export async function makeLinkKey(): Promise<{ text: string; publicKey: Uint8Array }> {
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign'])
  const { d = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.privateKey)
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey))
  return { text: d + x + y, publicKey }
}

/** The key that such a link carries. Rejects with `Failed('hand-off-over')` where it carries none. */
export async function readLinkKey(text: string): Promise<CryptoKey> {
  const [d, x, y] = text.match(/.{1,43}/g) ?? []
  const jwk = { kty: 'EC', crv: 'P-256', ...(d && x && y && { d, x, y }) }
  return crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']).catch((cause: unknown) => {
    throw new Failed('hand-off-over', cause)
  })
}

async function sign(key: CryptoKey, bytes: Uint8Array): Promise<Uint8Array> {
  // The caller has just made the array; its type does not say that the buffer is not shared.
  const signed = bytes as Uint8Array<ArrayBuffer>
  return new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, signed))
}
