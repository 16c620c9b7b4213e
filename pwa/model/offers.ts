import type { ClientPayload, OfferedKey } from '../../shared/protocol.ts'
import { type Target, targetText } from '../../shared/target.ts'
import type { Host } from '../store/schema.ts'
import type { Identities } from './identities.ts'
import type { OfferedHop } from './signatures.ts'

type Destination = Pick<ClientPayload<'ssh-connect'>, 'host' | 'port' | 'username' | 'jump'>

/**
 * The parts of the way to a target, first hop first, with the key that is chosen for each and no other. What was chosen
 * counts only where the saved host still is the target.
 */
export function offersFor(target: Target, host: Host | undefined, identities: Pick<Identities, 'offer'>): OfferedHop[] {
  const chosen = isFor(host, target) ? host : undefined
  return [...target.jump, target].map((hop, position) => {
    const last = position === target.jump.length
    const key = identities.offer((last ? chosen?.identityId : chosen?.jumpIdentityIds?.[position]) ?? undefined)
    return {
      host: hop.host,
      port: hop.port ?? 22,
      username: hop.username ?? target.username ?? '',
      keys: key ? [key] : [],
      legacy: last && chosen?.legacyAlgorithms === true,
    }
  })
}

/** A destination with what is offered on the way to it. */
export function withOffers<D extends Destination>(to: D, offers: readonly OfferedHop[]): D {
  const offering = <H extends object>(hop: H, offer: OfferedHop | undefined): H => ({
    ...hop,
    ...(offer && offer.keys.length > 0 && { identities: [...offer.keys] }),
    ...(offer?.legacy && { legacyAlgorithms: true }),
  })
  return { ...offering(to, offers.at(-1)), jump: (to.jump ?? []).map((hop, at) => offering(hop, offers[at])) }
}

/** The keys of which programs on a target may ask for signatures: those that log in there, where the person forwards them. */
export function forwardedTo(
  target: Target,
  host: Host | undefined,
  identities: Pick<Identities, 'offer'>,
): readonly OfferedKey[] {
  if (!isFor(host, target) || !host?.forwardAgent) return []
  const key = identities.offer(host.identityId)
  return key ? [key] : []
}

/** The kept password that is chosen for a part of the way, if it is that user's; see `Identities.password`. */
export function passwordFor(
  target: Target,
  host: Host | undefined,
  identities: Pick<Identities, 'get' | 'password'>,
  at: Pick<OfferedHop, 'host' | 'port' | 'username'>,
): Promise<string> | undefined {
  const chosen = isFor(host, target) ? host : undefined
  const position = [...target.jump, target].findIndex(
    (hop) => hop.host === at.host && (hop.port ?? 22) === at.port && (hop.username ?? target.username) === at.username,
  )
  const last = position === target.jump.length
  const identity = identities.get((last ? chosen?.identityId : chosen?.jumpIdentityIds?.[position]) ?? undefined)
  const own = identity?.kind === 'password' && identity.username === at.username
  return own ? identities.password(identity.id) : undefined
}

function isFor(host: Host | undefined, target: Target): boolean {
  return host !== undefined && wayText(host.target) === wayText(target)
}

/** Where a target is, whoever logs in and whatever is opened there. */
function wayText({ host, port, jump }: Target): string {
  return targetText({ scheme: 'ssh', host, ...(port !== undefined && { port }), jump })
}
