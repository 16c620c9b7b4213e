import type ssh2 from 'ssh2'
import type { Exchange } from '../shared/protocol.ts'

type Client = InstanceType<typeof ssh2.Client>

// What is read here is private to ssh2, which is pinned; `test/relay/exchange.test.ts` fails when it moves.
interface KeyExchange {
  type: string
  _identRaw: Buffer
  _remoteIdentRaw: Buffer
  _kexinit: Buffer
  _remoteKexinit: Buffer
  _dhData: Buffer
  _sig: Buffer
  _minBits: number
  _prefBits: number
  _maxBits: number
  getPublicKey(): Buffer
  convertPublicKey(key: Buffer): Buffer
  computeSecret(serverPublic: Buffer): Buffer | Error
  getDHParams(): { prime: Buffer; generator: Buffer } | undefined
}

/**
 * What the key exchange that runs just now is made of. To be called in the host verifier: ssh2 drops it once keys are
 * exchanged.
 * @returns what gives it when keys have been exchanged, and undefined before
 */
export function takeExchange(client: Client): () => Exchange | undefined {
  const kex = (client as unknown as { _protocol: { _kex: KeyExchange } })._protocol._kex
  const params = kex.type === 'groupex' ? kex.getDHParams() : undefined
  const taken = {
    clientVersion: kex._identRaw.toString('latin1'),
    serverVersion: kex._remoteIdentRaw.toString('latin1'),
    clientKexInit: kex._kexinit.toString('base64'),
    serverKexInit: kex._remoteKexinit.toString('base64'),
    clientPublic: kex.getPublicKey().toString('base64'),
    serverPublic: kex.convertPublicKey(kex._dhData).toString('base64'),
    hostSignature: kex._sig.toString('base64'),
    ...(params && {
      group: {
        min: kex._minBits,
        bits: kex._prefBits,
        max: kex._maxBits,
        prime: params.prime.toString('base64'),
        generator: params.generator.toString('base64'),
      },
    }),
  }
  // Kept as it is computed, since computing it a second time would hold up the relay's one thread.
  let sharedSecret: string | undefined
  const { computeSecret } = kex
  kex.computeSecret = (serverPublic) => {
    const secret = computeSecret.call(kex, serverPublic)
    if (!(secret instanceof Error)) sharedSecret = secret.toString('base64')
    return secret
  }
  return () => (sharedSecret === undefined ? undefined : { ...taken, sharedSecret })
}

/** The session id: the exchange hash of the first key exchange (RFC 4253 §7.2). */
export function sessionId(client: Client): Buffer {
  const { sessionID } = (client as unknown as { _protocol: { _kex: { sessionID: Buffer } } })._protocol._kex
  return Buffer.from(sessionID)
}
