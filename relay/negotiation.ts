import type ssh2 from 'ssh2'
import { Refusal } from '../shared/failure.ts'
import { algorithmsFor } from './algorithms.ts'
import { MadeUpGroup } from './madeUpGroup.ts'

type Client = InstanceType<typeof ssh2.Client>

/**
 * Bits of a group that a server may make up (RFC 8270 §3 has the least). Its price rises with the cube: 0.1 s of the relay's
 * one thread for 4,096 bits, a second and more for 8,192.
 */
const group = { min: 2048, max: 4096 }
/** Numbers of the messages that are looked at (RFC 4253 §12, RFC 4419 §5). */
const message = { kexinit: 20, gexGroup: 31 } as const
/** Bytes of a KEXINIT before its lists. */
const COOKIE_END = 17
/** Algorithms of one kind that a failure names. */
const NAMED_MAX = 6

/** The lists of a KEXINIT that matter here, in the order of RFC 4253 §7.1; both directions of ciphers and MACs are one kind. */
const kinds = ['kex', 'serverHostKey', 'cipher', 'cipher', 'hmac', 'hmac', 'compress', 'compress'] as const
type Kind = (typeof kinds)[number]
const kindNames: Record<Kind, string> = {
  kex: 'the key exchange',
  serverHostKey: 'its host key',
  cipher: 'encryption',
  hmac: 'integrity',
  compress: 'compression',
}

// What is read and replaced here is private to ssh2, which is pinned; `test/relay/negotiation.test.ts` fails when it moves.
interface KeyExchange {
  type?: string
  negotiated: { cs: { cipher: string }; sc: { cipher: string } }
  parse(payload: Buffer): void
  generateKeys(): void
  _prime: Buffer | null
  _generator: Buffer | null
  _dh: MadeUpGroup | null
  _public: Buffer | null
  _minBits: number
  _prefBits: number
  _maxBits: number
}
interface Protocol {
  _kex: KeyExchange | undefined
  _strictMode: boolean | undefined
  _packetRW: { read: { read(payload: Buffer): Buffer } }
  _handlers: {
    EXT_INFO(protocol: Protocol, extensions: { name: string; algs?: string[] }[]): void
    SERVICE_ACCEPT(protocol: Protocol, name: string): void
  }
}

/** What is known of how client and server agreed. */
export interface Negotiation {
  /** Why they could not; undefined where it was not for want of a common algorithm. */
  readonly mismatch: Refusal | undefined
}

/**
 * Watches over what a server agrees to, which ssh2 does not: group sizes, chacha20-poly1305 without strict key exchange
 * (Terrapin, CVE-2023-48795), and SHA-1 in signatures of RSA keys. To be called once a client has been told to connect.
 * @param old whether SHA-1 was allowed for this server
 * @param refuse ends the connect
 */
export function watchNegotiation(client: Client, old: boolean, refuse: (refusal: Refusal) => void): Negotiation {
  const protocol = (client as unknown as { _protocol: Protocol })._protocol
  let offer: Record<Kind, string[]> | undefined
  const packets = protocol._packetRW.read
  const { read } = packets
  packets.read = (packet) => {
    const payload = read.call(packets, packet)
    if (payload[0] === message.kexinit) {
      packets.read = read
      offer = readOffer(payload)
    }
    return payload
  }

  let current = protocol._kex
  Object.defineProperty(protocol, '_kex', {
    get: () => current,
    set: (next: KeyExchange) => {
      current = next
      const { cs, sc } = next.negotiated
      const weak = [cs.cipher, sc.cipher].some((cipher) => cipher.startsWith('chacha20'))
      if (weak && !protocol._strictMode) refuse(failed('The server knows no strict key exchange (Terrapin)'))
      if (next.type === 'groupex') boundGroup(next, refuse)
    },
  })
  if (!old) neverSignSha1(protocol)
  return {
    get mismatch() {
      return offer && mismatchOf(offer, old)
    },
  }
}

/** ssh2 falls back to SHA-1 where a server does not say which RSA signatures it takes (RFC 8308 §3.1). */
function neverSignSha1({ _handlers: handlers }: Protocol): void {
  const { EXT_INFO: tell, SERVICE_ACCEPT: accept } = handlers
  let told = false
  handlers.EXT_INFO = (from, extensions) => {
    if (told) return
    told = true
    const name = 'server-sig-algs'
    const said = extensions.find((extension) => extension.name === name)?.algs ?? ['rsa-sha2-512']
    tell(from, [{ name, algs: said.filter((algorithm) => algorithm !== 'ssh-rsa') }])
  }
  handlers.SERVICE_ACCEPT = (from, name) => {
    handlers.EXT_INFO(from, [])
    accept(from, name)
  }
}

function boundGroup(exchange: KeyExchange, refuse: (refusal: Refusal) => void): void {
  const { parse } = exchange
  exchange._minBits = group.min
  exchange._prefBits = Math.min(exchange._prefBits, group.max)
  exchange._maxBits = group.max
  exchange.parse = (payload) => {
    const bits = payload[0] === message.gexGroup ? bitsOf(stringAt(payload, 1)) : undefined
    if (bits !== undefined && (bits < group.min || bits > group.max))
      return refuse(failed(`The server wants a group of ${bits} bits`))
    // The generators in use are 2 and 5.
    if (payload[0] === message.gexGroup && (generatorOf(payload)?.length ?? 0) > 4)
      return refuse(failed('The server wants a strange group'))
    exchange.parse = parse
    exchange.parse(payload)
  }
  exchange.generateKeys = () => {
    const { _prime: prime, _generator: generator } = exchange
    if (exchange._dh || !prime || !generator) return
    const own = new MadeUpGroup(prime, generator)
    exchange._public = own.generateKeys()
    exchange._dh = own
  }
}

const failed = (detail: string) => new Refusal('key-exchange-failed', { phase: 'key-exchange', detail })

/** What of the server's offer is missing in the relay's, in words. */
function mismatchOf(offer: Record<Kind, string[]>, old: boolean): Refusal | undefined {
  const lacks = (allowed: boolean) => {
    const own = algorithmsFor(allowed) as unknown as Record<Kind, readonly string[]>
    return [...new Set(kinds)].filter((kind) => !offer[kind].some((name) => own[kind].includes(name)))
  }
  const missing = lacks(old)
  if (missing.length === 0) return undefined
  const said = missing.map((kind) => `for ${kindNames[kind]} only ${named(offer[kind])}`)
  const helps = !old && lacks(true).length === 0
  return new Refusal(helps ? 'old-algorithms' : 'key-exchange-failed', {
    phase: 'key-exchange',
    detail: `The server has no safe algorithm in common with the relay: ${said.join('; ')}`,
  })
}

/** A server's names as RFC 4251 §6 has them; others are not repeated. */
function named(names: string[]): string {
  // Marks of extensions stand among the key exchanges.
  const real = names.filter((name) => !/^(ext-info|kex-strict)-/.test(name))
  const known = real.filter((name) => /^[\w.@+-]{1,64}$/.test(name))
  const more = real.length - Math.min(known.length, NAMED_MAX)
  const shown = known.slice(0, NAMED_MAX).join(', ')
  return shown === '' ? 'names that mean nothing' : `${shown}${more > 0 ? ` and ${more} more` : ''}`
}

function readOffer(payload: Buffer): Record<Kind, string[]> | undefined {
  const offer: Partial<Record<Kind, string[]>> = {}
  let at = COOKIE_END
  for (const kind of kinds) {
    const list = stringAt(payload, at)
    if (!list) return undefined
    at += 4 + list.length
    const names = list.toString('latin1').split(',')
    // Of the two directions what both have.
    const before = offer[kind]
    offer[kind] = before ? before.filter((name) => names.includes(name)) : names
  }
  return offer as Record<Kind, string[]>
}

/** A string of RFC 4251 §5, or undefined where it reaches beyond the end. */
function stringAt(payload: Buffer, at: number): Buffer | undefined {
  if (at + 4 > payload.length) return undefined
  const end = at + 4 + payload.readUInt32BE(at)
  return end > payload.length ? undefined : payload.subarray(at + 4, end)
}

const generatorOf = (payload: Buffer) => {
  const prime = stringAt(payload, 1)
  return prime && stringAt(payload, 5 + prime.length)
}

/** Bits of a positive mpint; undefined where there is none. */
function bitsOf(mpint: Buffer | undefined): number | undefined {
  if (!mpint) return undefined
  const first = mpint.findIndex((byte) => byte !== 0)
  return first < 0 ? 0 : 8 * (mpint.length - first) - (Math.clz32(mpint[first] ?? 0) - 24)
}
