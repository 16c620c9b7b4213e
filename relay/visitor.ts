import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Refusal } from '../shared/failure.ts'

/** What is known about a request before anything is read of it. */
export interface Visitor {
  /** Address of the client: the TCP peer, or what trusted proxies say. */
  peer: string
  /** Whether the client came by https. */
  secure: boolean
  /** The page or extension that asks, where it is not the relay's own; it gets CORS headers. */
  crossOrigin?: string
  /** True for an extension that was not listed: it has nothing without a token. */
  tokenNeeded: boolean
}

/** What judging a request depends on. */
export interface House {
  /** Origins that are let in besides the own one. */
  allowOrigin: readonly string[]
  /** Where given, the only origins that are the relay's own. */
  publicOrigin: readonly string[]
  /** Whether `X-Forwarded-*` of this TCP peer is believed. */
  trusted(address: string): boolean
  tls: boolean
  /** Whether `Host` may be any name. Without a password it may not: an attacker's name can be bound to this address. */
  anyHost(): boolean
  /** Whether others than this machine reach the relay. */
  exposed: boolean
  passwordSet(): boolean
}

/** The visitor must not even see the app under this name. Answered 421. */
export class Misdirected extends Refusal {
  constructor() {
    super('origin-refused', { detail: 'The relay does not answer under this name' })
  }
}

/**
 * Judges address, Host and, where `checkOrigin`, Origin. What passes:
 * - Host: one of `--public-origin`, or else any name where a password is set; without one only loopback names, or
 *   addresses too where others reach the relay (rebinding needs a name).
 * - Origin: the own one, one of `--allow-origin`, and extensions, which must show a token and so need a password set.
 *   The password, typed into the extension, is how a person pairs it. A page of another site never gets in.
 * - No Origin: not a browser, or a GET of the own page; unless `Sec-Fetch-Site` says that another site asks.
 * @throws Misdirected, Refusal `origin-refused`
 */
export function judgeVisitor(request: IncomingMessage, house: House, checkOrigin: boolean): Visitor {
  const remote = plain(request.socket.remoteAddress ?? '')
  const proxied = house.trusted(remote)
  const secure = proxied
    ? (last(request, 'x-forwarded-proto') ?? (house.tls ? 'https' : 'http')) === 'https'
    : house.tls
  const peer = proxied ? (clientOf(request, house) ?? remote) : remote
  const own = ownOrigin(request, proxied, secure)
  if (own === undefined || !hostAllowed(own, house)) throw new Misdirected()
  const visitor = { peer, secure, tokenNeeded: false }
  return checkOrigin ? { ...visitor, ...judgeOrigin(request, own, house) } : visitor
}

/** Whether a handshake or a request may be answered with CORS headers for this origin; `null` and `*` never are. */
export function originListed(origin: string, house: Pick<House, 'allowOrigin' | 'passwordSet'>): boolean {
  return house.allowOrigin.includes(origin) || (isExtension(origin) && house.passwordSet())
}

function judgeOrigin(request: IncomingMessage, own: URL, house: House): Pick<Visitor, 'crossOrigin' | 'tokenNeeded'> {
  const { origin } = request.headers
  if (origin === undefined) {
    const site = request.headers['sec-fetch-site']
    if (site === undefined || site === 'same-origin' || site === 'none') return { tokenNeeded: false }
    throw new Refusal('origin-refused')
  }
  if (origin === own.origin || house.publicOrigin.includes(origin)) return { tokenNeeded: false }
  if (house.allowOrigin.includes(origin)) return { crossOrigin: origin, tokenNeeded: false }
  if (originListed(origin, house)) return { crossOrigin: origin, tokenNeeded: true }
  throw new Refusal('origin-refused')
}

const isExtension = (origin: string) =>
  /^(chrome-extension:\/\/[a-p]{32}|moz-extension:\/\/[0-9a-f-]{36})$/.test(origin)

/** The origin that the client believes to talk to. */
function ownOrigin(request: IncomingMessage, proxied: boolean, secure: boolean): URL | undefined {
  const host = (proxied ? last(request, 'x-forwarded-host') : undefined) ?? request.headers.host ?? ''
  const text = `${secure ? 'https' : 'http'}://${host}`
  // `localhost.`, `127.1`, user info or a path are other texts for the same place: only the plain one passes.
  const name = /^(\[[0-9a-f:.]+\]|[\w.-]*\w)(?::\d{1,5})?$/i.exec(host)?.[1]
  if (name === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.hostname === name.toLowerCase() ? url : undefined
}

function hostAllowed(own: URL, house: House): boolean {
  if (house.publicOrigin.length > 0) return house.publicOrigin.includes(own.origin)
  if (house.anyHost()) return true
  const name = own.hostname.replace(/^\[|\]$/g, '')
  const address = isIPv4(name) || isIPv6(name)
  if (name === 'localhost') return true
  return address && (house.exposed || ipaddr.process(name).range() === 'loopback')
}

/** Whether an address lies in one of these addresses and CIDRs. */
export function networks(list: readonly string[]): (address: string) => boolean {
  const ranges = list.map((text) =>
    text.includes('/') ? ipaddr.parseCIDR(text) : ipaddr.parseCIDR(`${text}/${isIPv4(text) ? 32 : 128}`),
  )
  return (text) => {
    if (ranges.length === 0 || !ipaddr.isValid(text)) return false
    const address = ipaddr.process(text)
    return ranges.some((range) => range[0].kind() === address.kind() && address.match(range))
  }
}

/** The last entry of a header that every proxy appends to: the one that the trusted peer wrote. */
const last = (request: IncomingMessage, name: string): string | undefined => entries(request, name).at(-1)

const entries = (request: IncomingMessage, name: string) =>
  [request.headers[name] ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')

/** From the right: the first address that is no trusted proxy. */
function clientOf(request: IncomingMessage, house: House): string | undefined {
  const client = entries(request, 'x-forwarded-for')
    .map(plain)
    .findLast((address) => !house.trusted(address))
  return client !== undefined && ipaddr.isValid(client) ? client : undefined
}

const plain = (address: string) => (ipaddr.isValid(address) ? ipaddr.process(address).toString() : address)
