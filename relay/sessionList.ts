import { TokenBucket } from 'limiter'
import { Refusal } from '../shared/failure.ts'
import type { ServerPayload } from '../shared/protocol.ts'
import type { Peer } from './session.ts'
import type { Sessions } from './sessions.ts'
import { Shell } from './shell.ts'

/** Lists that a socket may ask for at once, and then each second: an open panel asks every other second. */
const rate = { burst: 20, perSecond: 5 }

const asked = new WeakMap<Peer, TokenBucket>()

/**
 * The shells and commands that the principal of this socket holds, the youngest last. SFTP conversations end with their
 * socket and are not listed.
 * @throws Refusal `too-many-requests`
 */
export function listSessions(sessions: Sessions, peer: Peer): ServerPayload<'session-list-result'> {
  let bucket = asked.get(peer)
  if (!bucket) {
    bucket = new TokenBucket({ bucketSize: rate.burst, tokensPerInterval: rate.perSecond, interval: 'second' })
    bucket.content = rate.burst
    asked.set(peer, bucket)
  }
  if (!bucket.tryRemoveTokens(1)) throw new Refusal('too-many-requests')
  const { principal } = peer.data.login
  const shells = [...sessions.all].filter((session): session is Shell => session instanceof Shell)
  return { sessions: shells.filter((shell) => shell.principal === principal).map((shell) => shell.listed(peer)) }
}
