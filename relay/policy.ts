import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import ipaddr from 'ipaddr.js'
import { Refusal } from '../shared/failure.ts'

/** Which targets may be dialled. Both checks throw `Refusal('target-denied')`; both must pass before a byte is sent. */
export interface Policy {
  /** Judges what was asked for. @returns the name to resolve, in its one form: lower case, ASCII, no trailing dot */
  checkName(host: string, port: number): string
  /**
   * Judges the target of a later hop, which the server of the hop before resolves: an address like one of our own, a
   * name by the lists alone. @returns as `checkName`
   */
  checkBeyond(host: string, port: number): string
  /** Judges one address that `name` resolved to. */
  checkAddress(address: string, port: number, name: string): void
}

/** What the policy must know about the relay itself. */
export interface PolicyFacts {
  /** Addresses of this machine's interfaces. */
  ownAddresses(): readonly string[]
  /** Ports that the relay listens on. */
  ownPorts(): readonly number[]
  /** True where only this machine reaches the relay. */
  loopbackBound: boolean
  passwordSet(): boolean
  /** Always allowed, at exactly this address and port. */
  builtInHost?: { host: string; port: number }
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** One `--allow` or `--deny`: an address range or a name, and a port where it is bound to one. */
export interface Rule {
  range?: [Address, number]
  /** Lower case; `*.example.org` takes in all below it, `*` everything. */
  name?: string
  port?: number
}

/** Reads `CIDR|address|name[:port]`; IPv6 with a port in brackets. @throws Error where it is none of these */
export function parseRule(text: string): Rule {
  const bare = text.split(':').length > 2 && !text.startsWith('[')
  const [, bracketed, plain, portText] =
    (bare ? undefined : /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text)) ?? []
  const target = bare ? text : (bracketed ?? plain ?? '')
  const port = portText === undefined ? {} : { port: Number(portText) }
  if (port.port !== undefined && (port.port < 1 || port.port > 65_535)) throw new Error('not a port')
  if (target.includes('/')) return { range: ipaddr.parseCIDR(target), ...port }
  if (isIPv4(target) || isIPv6(target)) {
    const address = unmapped(ipaddr.parse(target))
    return { range: [address, address.kind() === 'ipv4' ? 32 : 128], ...port }
  }
  const name = target === '*' ? '*' : toName(target.replace(/^\*\./, ''))
  if (name === undefined || bare || bracketed !== undefined) throw new Error('not a name')
  return { name: target.startsWith('*.') ? `*.${name}` : name, ...port }
}

/** Endpoints that hand out credentials of the machine, outside the link-local ranges: AWS, Alibaba, Oracle. */
const metadata = ['fd00:ec2::254', '100.100.100.200', '192.0.0.192'].map((address) => ipaddr.parse(address))

/**
 * Deny wins. Without `--allow` the defaults decide: no loopback and none of this machine's own addresses (unless only
 * this machine reaches the relay), private ranges only with a password. With `--allow` only what is listed may be
 * dialled: a range or an exact name also lifts the default for private addresses, a range for loopback and link-local
 * ones too. Nothing lifts unspecified, multicast, broadcast and reserved addresses, and the relay's own port.
 */
export function createPolicy(lists: { allow: readonly string[]; deny: readonly string[] }, facts: PolicyFacts): Policy {
  const allow = lists.allow.map(parseRule)
  const deny = lists.deny.map(parseRule)

  const isBuiltInHost = (host: string, port: number) =>
    facts.builtInHost !== undefined && host === facts.builtInHost.host && port === facts.builtInHost.port

  const isOwn = (address: Address) =>
    facts.ownAddresses().some((text) => sameAddress(unmapped(ipaddr.parse(text)), address))

  function defaultDenies(address: Address, lifted: 'nothing' | 'private' | 'local'): boolean {
    const own = isOwn(address)
    switch (address.range()) {
      case 'unicast':
        return own && !facts.loopbackBound && lifted !== 'local'
      case 'loopback':
        return !facts.loopbackBound && lifted !== 'local'
      case 'linkLocal':
        return lifted !== 'local'
      case 'private':
      case 'uniqueLocal':
      case 'carrierGradeNat':
        if (own && !facts.loopbackBound) return lifted !== 'local'
        if (metadata.some((known) => sameAddress(known, address))) return lifted !== 'local'
        return !facts.passwordSet() && !own && lifted === 'nothing'
      default:
        return true
    }
  }

  const policy: Policy = {
    checkName(host, port) {
      if (isBuiltInHost(host, port)) return host
      const name = isIPv4(host) || (isIPv6(host) && !host.includes('%')) ? host.toLowerCase() : toName(host)
      if (name === undefined || deny.some((rule) => matchesName(rule, name, port))) throw denied()
      return name
    },

    checkBeyond(host, port) {
      const name = policy.checkName(host, port)
      if (ipaddr.isValid(name)) policy.checkAddress(name, port, name)
      else if (allow.length > 0 && !allow.some((rule) => matchesName(rule, name, port))) throw denied()
      return name
    },

    checkAddress(address, port, name) {
      if (isBuiltInHost(address, port) && name === address) return
      if (!ipaddr.isValid(address) || address.includes('%')) throw denied()
      const dialled = ipaddr.parse(address)
      const target = unmapped(dialled)
      if (facts.ownPorts().includes(port) && (target.range() === 'loopback' || isOwn(target))) throw denied()
      const refusing = (rule: Rule) =>
        matchesName(rule, name, port) || matchesAddress(rule, target, port) || matchesAddress(rule, dialled, port)
      if (deny.some(refusing)) throw denied()
      const byRange = allow.some((rule) => matchesAddress(rule, target, port))
      const byName = allow.filter((rule) => matchesName(rule, name, port))
      if (allow.length > 0 && !byRange && byName.length === 0) throw denied()
      const exact = byName.some((rule) => !rule.name?.startsWith('*'))
      const local = byRange || (exact && name === 'localhost' && target.range() === 'loopback')
      if (defaultDenies(target, local ? 'local' : exact ? 'private' : 'nothing')) throw denied()
    },
  }
  return policy
}

const denied = () => new Refusal('target-denied', { phase: 'connection' })

const matchesPort = (rule: Rule, port: number) => rule.port === undefined || rule.port === port

function matchesName(rule: Rule, name: string, port: number): boolean {
  if (rule.name === undefined || !matchesPort(rule, port)) return false
  if (rule.name === '*') return true
  return rule.name.startsWith('*.') ? name.endsWith(rule.name.slice(1)) : rule.name === name
}

function matchesAddress(rule: Rule, address: Address, port: number): boolean {
  if (rule.range === undefined || !matchesPort(rule, port)) return false
  return rule.range[0].kind() === address.kind() && address.match(rule.range)
}

const sameAddress = (one: Address, other: Address) => one.kind() === other.kind() && one.toString() === other.toString()

/**
 * A DNS name in its one form, or undefined. A last label of digits, or `0x…`, is refused: resolvers read `127.1`,
 * `2130706433` and `0x7f.1` as addresses that no check of the text has seen.
 */
function toName(text: string): string | undefined {
  const ascii = (/^[\0-\x7f]*$/.test(text) ? text : domainToASCII(text)).toLowerCase().replace(/\.$/, '')
  if (ascii.length > 253) return undefined
  const labels = ascii.split('.')
  if (!labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label))) return undefined
  return /^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '') ? undefined : ascii
}

/** The IPv4 address that an IPv6 one stands for (mapped, translated by NAT64 or SIIT, 6to4), or itself. */
function unmapped(address: Address): Address {
  if (!(address instanceof ipaddr.IPv6)) return address
  const bytes = address.toByteArray()
  switch (address.range()) {
    case 'ipv4Mapped':
    case 'rfc6145':
      return new ipaddr.IPv4(bytes.slice(12))
    case 'rfc6052':
      // RFC 8215 leaves it to each network where the IPv4 address stands in 64:ff9b:1::/48: it stays, and is refused.
      return bytes[5] === 0 ? new ipaddr.IPv4(bytes.slice(12)) : address
    case '6to4':
      return new ipaddr.IPv4(bytes.slice(2, 6))
    default:
      return address
  }
}
