import { Failed } from '../failure.ts'
import { WireWriter } from '../sshWire.ts'
import { DerReader } from './der.ts'

/** What the key of a passkey is called (OpenSSH PROTOCOL.u2f), and what servers call its signatures. */
export const passkeyType = 'sk-ecdsa-sha2-nistp256@openssh.com'
export const passkeyAlgorithm = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com'

/** A pause until the person has confirmed, in milliseconds. */
const patience = 120_000
/** Of an uncompressed P-256 point, which ends the key as browsers give it (RFC 5480). */
const POINT = 65
/** COSE's name for ECDSA on P-256 with SHA-256. */
const ES256 = -7

/** A passkey of this site as an SSH key. */
export interface PasskeyKey {
  /** The blob of an `sk-ecdsa` key, bound to this site. */
  publicKey: Uint8Array<ArrayBuffer>
  /** The credential's id. */
  credential: Uint8Array<ArrayBuffer>
}

/** Whether a passkey can be made here: browsers bind it to a name, and an address has none. */
export function passkeyKeysHere(): boolean {
  const named = /[a-z]/i.test(location.hostname) && !location.hostname.includes(':')
  return typeof PublicKeyCredential !== 'undefined' && isSecureContext && named
}

/** Makes one. Call it from a click. Rejects with `Failed('no-passkey')` where the person or the device declines. */
export async function makePasskeyKey(label: string): Promise<PasskeyKey> {
  const { rawId, response } = await confirmed(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: 'Fairlead' },
        user: { id: random(16), name: label, displayName: label },
        challenge: random(32),
        pubKeyCredParams: [{ type: 'public-key', alg: ES256 }],
        authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
        timeout: patience,
      },
    }),
  )
  const spki = response instanceof AuthenticatorAttestationResponse ? response.getPublicKey() : null
  if (!spki || spki.byteLength < POINT) throw new Failed('no-passkey')
  const point = new Uint8Array(spki).slice(-POINT)
  const publicKey = new WireWriter().string(passkeyType).string('nistp256').string(point).string(location.hostname)
  return { publicKey: publicKey.done(), credential: new Uint8Array(rawId) }
}

/**
 * Has a passkey sign: the whole blob of OpenSSH's PROTOCOL.u2f, in which the server finds what was signed in the browser's own
 * words. Call it from a click. Rejects as `makePasskeyKey`.
 */
export async function passkeySignature(
  credential: Uint8Array<ArrayBuffer>,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const { response } = await confirmed(() =>
    navigator.credentials.get({
      publicKey: {
        // What is signed is the challenge itself; a server hashes it as the browser has written it.
        challenge: Uint8Array.from(data),
        allowCredentials: [{ type: 'public-key', id: credential }],
        userVerification: 'preferred',
        timeout: patience,
      },
    }),
  )
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new Failed('no-passkey')
  const numbers = new DerReader(new Uint8Array(response.signature)).sequence()
  const signature = new WireWriter().mpint(numbers.integer()).mpint(numbers.integer()).done()
  // WebAuthn §6.1: the hash of the site's name, flags, counter, extensions.
  const said = new Uint8Array(response.authenticatorData).subarray(32)
  return new WireWriter()
    .string(passkeyAlgorithm)
    .string(signature)
    .bytes(said.subarray(0, 5))
    .string(location.origin)
    .string(new Uint8Array(response.clientDataJSON))
    .string(said.subarray(5))
    .done()
}

async function confirmed(work: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await work().catch((cause: unknown) => {
    throw new Failed('no-passkey', cause)
  })
  if (!(credential instanceof PublicKeyCredential)) throw new Failed('no-passkey')
  return credential
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
