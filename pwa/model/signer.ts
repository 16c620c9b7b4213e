import type { OfferedKey, Prompt } from '../../shared/protocol.ts'
import { exchangeHash } from './exchangeHash.ts'
import { type LoginRequest, readLoginRequest, writeLoginRequest } from './loginRequest.ts'
import { SignRefused } from './signRefused.ts'
import { verifySshSignature } from './sshSignature.ts'
import { fromBase64, sameBytes, toBase64, WireError } from './sshWire.ts'

/** A relay's request for the signature of a login. */
export type SignPrompt = Extract<Prompt, { kind: 'sign' }>

/** What a login must be for this browser to sign it; from what the browser knows, not from the relay. */
export interface ExpectedLogin {
  username: string
  /** The host keys that are accepted for the host, whole blobs. */
  hostKeys: readonly Uint8Array[]
  /** The key that was offered for this part of the way. */
  key: OfferedKey
  /** Whether SHA-1 will do, for a host where the person allows it. */
  legacy: boolean
}

/** What may be signed, made by this browser from what it expects and found equal to what was asked. */
export interface CheckedLogin {
  data: Uint8Array<ArrayBuffer>
  /** To sign with: of a certificate its key's. */
  algorithm: string
  /** The exchange hash, base64: one SSH session, never to be signed for twice. */
  sessionId: string
  hostKey: Uint8Array
}

/**
 * Whether the login that a relay wants signed is the one that was begun: it puts the browser's own host key into the key
 * exchange, and only where that gives the very session id, and the host has signed for it, is the signature good for that
 * host and no other.
 * Rejects with `SignRefused`.
 */
export async function checkLoginRequest(prompt: SignPrompt, expected: ExpectedLogin): Promise<CheckedLogin> {
  try {
    return await check(prompt, expected)
  } catch (error) {
    if (error instanceof WireError) throw new SignRefused('malformed', error)
    throw error
  }
}

async function check(prompt: SignPrompt, expected: ExpectedLogin): Promise<CheckedLogin> {
  const { key, username } = expected
  const asked = fromBase64(prompt.data)
  const offered = fromBase64(key.certificate ?? key.publicKey)
  const request = readLoginRequest(asked)
  if (request.username !== username) throw new SignRefused('other-user')
  if (!sameBytes(request.publicKey, offered)) throw new SignRefused('other-key')
  if (!key.algorithms.includes(prompt.algorithm)) throw new SignRefused('other-algorithm')
  const algorithm = key.certificate === undefined ? prompt.algorithm : `${prompt.algorithm}-cert-v01@openssh.com`
  if (request.algorithm !== algorithm) throw new SignRefused('other-algorithm')

  const { hostKey, sessionId } = await acceptedHost(prompt, expected, request)
  const data = writeLoginRequest({
    sessionId,
    username,
    algorithm,
    publicKey: offered,
    ...(request.hostKey && { hostKey }),
  })
  if (!sameBytes(data, asked)) throw new SignRefused(request.hostKey ? 'host-not-accepted' : 'malformed')
  return { data, algorithm: prompt.algorithm, sessionId: toBase64(sessionId), hostKey }
}

/** The accepted host key with which the key exchange gives the session id of the request. */
async function acceptedHost(
  { exchange }: SignPrompt,
  { hostKeys, legacy }: ExpectedLogin,
  request: LoginRequest,
): Promise<{ hostKey: Uint8Array; sessionId: Uint8Array }> {
  if (hostKeys.length === 0) throw new SignRefused('host-not-accepted')
  for (const hostKey of hostKeys) {
    const { hash, agreed } = await exchangeHash(exchange, hostKey, legacy)
    if (!sameBytes(hash, request.sessionId)) continue
    const signed = await verifySshSignature(
      {
        publicKey: hostKey,
        signature: fromBase64(exchange.hostSignature),
        algorithm: agreed.hostKeyAlgorithm,
        data: hash,
      },
      legacy,
    ).catch((error: unknown) => {
      if (error instanceof WireError) throw error
      // A key that the browser cannot even import is none that a host could have signed with.
      throw new SignRefused('host-did-not-sign', error)
    })
    if (!signed) throw new SignRefused('host-did-not-sign')
    return { hostKey, sessionId: hash }
  }
  throw new SignRefused('other-session')
}
