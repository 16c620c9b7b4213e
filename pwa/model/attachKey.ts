import { attachBytes, type ServerMessage } from '../../shared/protocol.ts'
import type { Tab } from '../store/schema.ts'
import { Failed } from './failure.ts'
import type { Hello, Link } from './link.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }

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
  { sessionId, attachKey }: NonNullable<Tab['session']>,
  offset: number,
): Promise<ServerMessage<'ssh-attached'>> {
  if (!attachKey) throw new Failed('no-key')
  // `attachBytes` makes a fresh array; its type does not say that the buffer is not shared.
  const bytes = attachBytes({ nonce, epoch, sessionId, offset }) as Uint8Array<ArrayBuffer>
  const signature = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, attachKey, bytes))
  return link.ask('ssh-attach', { sessionId, offset, signature })
}
