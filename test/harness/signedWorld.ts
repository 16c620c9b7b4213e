import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { SignPrompt } from '../../pwa/model/signer.ts'
import { WireWriter } from '../../pwa/model/sshWire.ts'
import type { Exchange, OfferedKey } from '../../shared/protocol.ts'
import { strings } from './remoteKey.ts'

/** A key of a host or a person, with its public blob. */
export interface Pair {
  blob: Buffer
  key: KeyObject
  algorithm: string
}

const curves = { nistp256: 'P-256', nistp384: 'P-384', nistp521: 'P-521' } as const
const hashOf: Record<string, string | null> = {
  'ssh-ed25519': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  'ssh-rsa': 'sha1',
}

/** Makes a key for a signature algorithm. */
export function makePair(algorithm = 'ssh-ed25519'): Pair {
  if (algorithm === 'ssh-ed25519') {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const { x = '' } = publicKey.export({ format: 'jwk' })
    return { algorithm, key: privateKey, blob: strings(algorithm, Buffer.from(x, 'base64url')) }
  }
  if (algorithm.startsWith('ecdsa-')) {
    const curve = algorithm.slice('ecdsa-sha2-'.length) as keyof typeof curves
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curves[curve] })
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
    return { algorithm, key: privateKey, blob: strings(algorithm, curve, point) }
  }
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { e = '', n = '' } = publicKey.export({ format: 'jwk' })
  const writer = new WireWriter().string('ssh-rsa').mpint(Buffer.from(e, 'base64url'))
  return { algorithm, key: privateKey, blob: Buffer.from(writer.mpint(Buffer.from(n, 'base64url')).done()) }
}

/** The whole signature blob. */
export function signedBy({ key, algorithm }: Pair, data: Uint8Array): Buffer {
  const hash = hashOf[algorithm] ?? null
  if (!algorithm.startsWith('ecdsa-')) return strings(algorithm, sign(hash, data, key))
  const fixed = sign(hash, data, { key, dsaEncoding: 'ieee-p1363' })
  const half = fixed.length / 2
  const numbers = new WireWriter().mpint(fixed.subarray(0, half)).mpint(fixed.subarray(half)).done()
  return strings(algorithm, Buffer.from(numbers))
}

/** The hash by which a key exchange is summed up, by Node's name; of the test's own knowledge. */
export const kexHashes: Record<string, string> = {
  'curve25519-sha256': 'sha256',
  'curve25519-sha256@libssh.org': 'sha256',
  'ecdh-sha2-nistp256': 'sha256',
  'ecdh-sha2-nistp384': 'sha384',
  'ecdh-sha2-nistp521': 'sha512',
  'diffie-hellman-group-exchange-sha256': 'sha256',
  'diffie-hellman-group14-sha256': 'sha256',
  'diffie-hellman-group16-sha512': 'sha512',
  'diffie-hellman-group18-sha512': 'sha512',
  'diffie-hellman-group14-sha1': 'sha1',
}

/** A `SSH_MSG_KEXINIT`. */
export function kexInit(kex: string[], hostKeys: string[]): Buffer {
  const writer = new WireWriter().byte(20).bytes(randomBytes(16)).nameList(kex).nameList(hostKeys)
  for (let list = 0; list < 8; list++) writer.nameList(list < 6 ? ['none'] : [])
  return Buffer.from(writer.boolean(false).uint32(0).done())
}

/** A key exchange with a host, and the session id that comes of it. */
export function exchangeWith(
  host: Pair,
  kex = 'curve25519-sha256',
  lists: { client?: Buffer; server?: Buffer } = {},
): { exchange: Exchange; sessionId: Buffer } {
  const client = lists.client ?? kexInit([kex, 'ext-info-c'], [host.algorithm])
  const server = lists.server ?? kexInit([kex, 'ext-info-s'], [host.algorithm])
  const bytes = {
    clientPublic: randomBytes(32),
    serverPublic: randomBytes(32),
    sharedSecret: Buffer.concat([Buffer.from([0x7f]), randomBytes(31)]),
  }
  const grouped = kex.startsWith('diffie-hellman-group-exchange-')
  const group = { min: 2048, bits: 3072, max: 8192, prime: randomBytes(256), generator: Buffer.from([2]) }
  const summed = new WireWriter()
    .string('SSH-2.0-client')
    .string('SSH-2.0-server')
    .string(client)
    .string(server)
    .string(host.blob)
  if (grouped) {
    summed.uint32(group.min).uint32(group.bits).uint32(group.max).string(group.prime).string(group.generator)
  }
  summed.string(bytes.clientPublic).string(bytes.serverPublic).string(bytes.sharedSecret)
  const sessionId = createHash(kexHashes[kex] ?? '')
    .update(summed.done())
    .digest()
  const base64 = (value: Buffer) => value.toString('base64')
  return {
    sessionId,
    exchange: {
      clientVersion: 'SSH-2.0-client',
      serverVersion: 'SSH-2.0-server',
      clientKexInit: base64(client),
      serverKexInit: base64(server),
      clientPublic: base64(bytes.clientPublic),
      serverPublic: base64(bytes.serverPublic),
      sharedSecret: base64(bytes.sharedSecret),
      hostSignature: base64(signedBy(host, sessionId)),
      ...(grouped && { group: { ...group, prime: base64(group.prime), generator: base64(group.generator) } }),
    },
  }
}

/** What a login has signed; a host key makes it host-bound. */
export function loginData(
  sessionId: Uint8Array,
  person: Pick<Pair, 'blob' | 'algorithm'>,
  more: { username?: string; service?: string; method?: string; hostKey?: Buffer } = {},
): Buffer {
  const method = more.method ?? (more.hostKey ? 'publickey-hostbound-v00@openssh.com' : 'publickey')
  const writer = new WireWriter()
    .string(sessionId)
    .byte(50)
    .string(more.username ?? 'ada')
    .string(more.service ?? 'ssh-connection')
    .string(method)
    .boolean(true)
    .string(person.algorithm)
    .string(person.blob)
  if (more.hostKey) writer.string(more.hostKey)
  return Buffer.from(writer.done())
}

/** How a person's key is offered. */
export function offerOf({ blob, algorithm }: Pair): OfferedKey {
  return { publicKey: blob.toString('base64'), algorithms: [algorithm] }
}

/** A relay's request to sign a login of `ada` on `host.example`, honest unless changed. */
export function signPrompt(host: Pair, person: Pair, more: { kex?: string; hostBound?: boolean } = {}): SignPrompt {
  const { exchange, sessionId } = exchangeWith(host, more.kex)
  const data = loginData(sessionId, person, more.hostBound ? { hostKey: host.blob } : {})
  return {
    kind: 'sign',
    host: 'host.example',
    port: 22,
    username: 'ada',
    hop: 0,
    algorithm: person.algorithm,
    publicKey: person.blob.toString('base64'),
    data: data.toString('base64'),
    exchange,
  }
}

/** The bytes with one change in them: another byte, some fewer, one more, cut short, or turned round. */
export function mutated(data: Buffer, random: (below: number) => number): Buffer {
  const at = random(data.length)
  switch (random(5)) {
    case 0:
      return Buffer.concat([data.subarray(0, at), Buffer.from([random(256)]), data.subarray(at + 1)])
    case 1:
      return Buffer.concat([data.subarray(0, at), data.subarray(at + 1 + random(8))])
    case 2:
      return Buffer.concat([data.subarray(0, at), Buffer.from([random(256)]), data.subarray(at)])
    case 3:
      return data.subarray(0, at)
    default:
      return Buffer.concat([data.subarray(at), data.subarray(0, at)])
  }
}
