import { readHost } from '../../shared/hostName.ts'

/** A host as connects and `known_hosts` files name it. */
export interface Place {
  /** As `canonicalHost` makes it. */
  host: string
  port: number
}

/** The one form of a name or address: lower case, names in ASCII without a trailing dot, IPv6 in short and without brackets. */
export function canonicalHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  try {
    return readHost(bare).replace(/\.$/, '')
  } catch {
    // A relay may name what nobody can type; it is a name all the same, and known by no other.
    return bare.toLowerCase().replace(/\.$/, '')
  }
}

/** Whether a canonical host is another machine behind each relay: loopback and link-local addresses. */
export function isLocal(host: string): boolean {
  return /^(localhost|.*\.localhost|127\..*|::1|169\.254\..*|fe[89ab][\da-f]:.*)$/.test(host) || host.includes('%')
}

/** The name of a canonical host in a `known_hosts` file: with brackets and port where that is not 22 (sshd(8)). */
export function fileName({ host, port }: Place): string {
  return port === 22 ? host : `[${host}]:${port}`
}

/**
 * The one name of a host and port. A local host is another machine behind each relay, so it carries the relay; all others
 * are one host over whichever relay, and two relays that show different keys for it are found out.
 */
export function knownHostId(host: string, port: number, endpointId: string): string {
  const name = canonicalHost(host)
  const whole = `${name.includes(':') ? `[${name}]` : name}:${port}`
  return isLocal(name) ? `${whole} via ${endpointId}` : whole
}

/** What `knownHostId` was made from; undefined for the id of a line. */
export function placeOf(id: string): (Place & { endpointId: string | undefined }) | undefined {
  const [, bracketed, bare, port, endpointId] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})(?: via (.+))?$/.exec(id) ?? []
  const host = bracketed ?? bare
  return host === undefined ? undefined : { host, port: Number(port), endpointId }
}

/** Whether one pattern of ssh_config(5), with `*` and `?`, fits a whole name; in time that grows with the product of both. */
function fits(pattern: string, name: string): boolean {
  let [at, in_, star, retry] = [0, 0, -1, 0]
  while (in_ < name.length) {
    const sign = pattern[at]
    if (sign === '*') {
      star = at++
      retry = in_
    } else if (sign !== undefined && (sign === '?' || sign === name[in_])) {
      at++
      in_++
    } else if (star >= 0) {
      at = star + 1
      in_ = ++retry
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

/** Whether a list of patterns with commas fits a name as `fileName` gives it; one that begins with `!` and fits rules it out. */
export function patternsFit(hosts: string, name: string): boolean {
  let fitting = false
  for (const pattern of hosts.toLowerCase().split(',')) {
    if (pattern.startsWith('!')) {
      if (fits(pattern.slice(1), name)) return false
    } else fitting ||= fits(pattern, name)
  }
  return fitting
}

/** Whether the hosts of a line are the hash of one name (sshd(8), `HashKnownHosts`). */
export function isHashed(hosts: string): boolean {
  return hosts.startsWith('|')
}
