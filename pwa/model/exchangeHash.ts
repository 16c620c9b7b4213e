import type { Exchange } from '../../shared/protocol.ts'
import { fromBase64, WireError, WireReader, WireWriter } from './sshWire.ts'

const KEXINIT = 20
const COOKIE = 16

/** Key exchanges whose hash can be computed, with the name that WebCrypto has for their hash function. */
const hashes: Readonly<Record<string, string>> = {
  'curve25519-sha256': 'SHA-256',
  'curve25519-sha256@libssh.org': 'SHA-256',
  'ecdh-sha2-nistp256': 'SHA-256',
  'ecdh-sha2-nistp384': 'SHA-384',
  'ecdh-sha2-nistp521': 'SHA-512',
  'diffie-hellman-group-exchange-sha256': 'SHA-256',
  'diffie-hellman-group14-sha256': 'SHA-256',
  'diffie-hellman-group16-sha512': 'SHA-512',
  'diffie-hellman-group18-sha512': 'SHA-512',
}
/** For hosts where the person allows it. */
const legacyHashes: Readonly<Record<string, string>> = { ...hashes, 'diffie-hellman-group14-sha1': 'SHA-1' }

/** What two `SSH_MSG_KEXINIT` agree on. */
interface Agreed {
  kex: string
  hostKeyAlgorithm: string
}

/**
 * The algorithms that follow from both lists (RFC 4253 §7.1): the client's first that the server has as well. Where both
 * guess the same that is the client's first too, so a packet sent on a guess changes nothing.
 * Throws `WireError`.
 */
function agree(clientKexInit: Uint8Array, serverKexInit: Uint8Array): Agreed {
  const client = readKexInit(clientKexInit)
  const server = readKexInit(serverKexInit)
  const first = (mine: readonly string[], theirs: readonly string[]) => {
    const found = mine.find((name) => theirs.includes(name))
    if (found === undefined) throw new WireError('The two have no algorithm in common')
    return found
  }
  return { kex: first(client.kex, server.kex), hostKeyAlgorithm: first(client.hostKeys, server.hostKeys) }
}

/**
 * Computes the exchange hash H (RFC 4253 §8, RFC 4419 §3, RFC 5656 §4) with the caller's own host key in it. The hash
 * function follows from the agreement alone, so whoever gives the rest cannot choose it.
 * @param legacy whether SHA-1 will do
 * Throws `WireError`.
 */
export async function exchangeHash(
  exchange: Exchange,
  hostKey: Uint8Array,
  legacy: boolean,
): Promise<{ hash: Uint8Array; agreed: Agreed }> {
  const clientKexInit = fromBase64(exchange.clientKexInit)
  const serverKexInit = fromBase64(exchange.serverKexInit)
  const agreed = agree(clientKexInit, serverKexInit)
  const known = legacy ? legacyHashes : hashes
  const name = Object.hasOwn(known, agreed.kex) ? known[agreed.kex] : undefined
  if (name === undefined) throw new WireError('This key exchange is not known')

  const writer = new WireWriter()
    .string(latin1(exchange.clientVersion))
    .string(latin1(exchange.serverVersion))
    .string(clientKexInit)
    .string(serverKexInit)
    .string(hostKey)
  if (agreed.kex.startsWith('diffie-hellman-group-exchange-')) {
    const { group } = exchange
    if (!group) throw new WireError('The group is missing')
    writer.uint32(group.min).uint32(group.bits).uint32(group.max)
    writer.string(fromBase64(group.prime)).string(fromBase64(group.generator))
  }
  writer.string(fromBase64(exchange.clientPublic)).string(fromBase64(exchange.serverPublic))
  writer.string(fromBase64(exchange.sharedSecret))
  return { hash: new Uint8Array(await crypto.subtle.digest(name, writer.done())), agreed }
}

function readKexInit(payload: Uint8Array): { kex: string[]; hostKeys: string[] } {
  const reader = new WireReader(payload)
  if (reader.byte() !== KEXINIT) throw new WireError('This is no SSH_MSG_KEXINIT')
  reader.bytes(COOKIE)
  const kex = reader.nameList()
  const hostKeys = reader.nameList()
  // Ciphers, MACs, compression and languages, for both directions.
  for (let list = 0; list < 8; list++) reader.string()
  reader.boolean()
  reader.uint32()
  reader.end()
  return { kex, hostKeys }
}

/** The bytes of an identification line. */
function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0)
    if (character.length > 1 || code > 0xff) throw new WireError('The identification is not made of bytes')
    return code
  })
}
