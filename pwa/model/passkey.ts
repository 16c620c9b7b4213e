import { Failed } from './failure.ts'
import { fromBase64, toBase64 } from './sshWire.ts'

/** A passkey that can compute a secret from an input (WebAuthn Level 3, §10.1.4 PRF); the same always, on this site only. */
export interface Passkey {
  /** The credential's id, base64. */
  id: string
  rpId: string
  input: Uint8Array<ArrayBuffer>
}

/** A pause between a passkey's creation and its first use is a person's, in milliseconds. */
const patience = 120_000

/** Whether this browser has passkeys at all; whether one can compute secrets shows only when it is made. */
export function passkeysHere(): boolean {
  return typeof PublicKeyCredential !== 'undefined' && isSecureContext
}

/**
 * Makes a passkey and gives its secret of 32 bytes. Call it from a click. Rejects with `Failed`: `no-passkey` where the person
 * or the device declines, `passkey-unfit` where it computes no secrets.
 */
export async function createPasskey(label: string): Promise<{ passkey: Passkey; secret: Uint8Array<ArrayBuffer> }> {
  const input = random(32)
  const created = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: 'Fairlead' },
        user: { id: random(16), name: label, displayName: label },
        challenge: random(32),
        pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        timeout: patience,
        extensions: { prf: { eval: { first: input } } },
      },
    }),
  )
  const { prf } = created.getClientExtensionResults()
  if (prf?.enabled === false) throw new Failed('passkey-unfit')
  const passkey = { id: toBase64(new Uint8Array(created.rawId)), rpId: location.hostname, input }
  // Most compute nothing yet while they are being made.
  const first = prf?.results?.first
  return { passkey, secret: first ? bytes(first) : (await askPasskey([passkey])).secret }
}

/** Asks for the secret of one of these passkeys, whichever the person has at hand. Call it from a click. Rejects as `createPasskey`. */
export async function askPasskey(
  passkeys: readonly Passkey[],
): Promise<{ id: string; secret: Uint8Array<ArrayBuffer> }> {
  const inputs = passkeys.map(({ id, input }) => [urlSafe(id), { first: input }] as const)
  const got = await ask(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        allowCredentials: passkeys.map(({ id }) => ({ type: 'public-key', id: fromBase64(id) })),
        userVerification: 'required',
        timeout: patience,
        extensions: { prf: { evalByCredential: Object.fromEntries(inputs) } },
      },
    }),
  )
  const first = got.getClientExtensionResults().prf?.results?.first
  if (!first) throw new Failed('passkey-unfit')
  return { id: toBase64(new Uint8Array(got.rawId)), secret: bytes(first) }
}

/** What a browser says on failure differs, and is kept vague on purpose; a person needs none of it. */
async function ask(work: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let credential: Credential | null
  try {
    credential = await work()
  } catch (cause) {
    throw new Failed('no-passkey', cause)
  }
  if (!(credential instanceof PublicKeyCredential)) throw new Failed('no-passkey')
  return credential
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

function bytes(source: BufferSource): Uint8Array<ArrayBuffer> {
  const view = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source)
  return new Uint8Array(view)
}

function urlSafe(base64: string): string {
  return base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
