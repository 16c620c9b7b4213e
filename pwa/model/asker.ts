import type { ClientPayload } from '../../shared/protocol.ts'
import type { Target } from '../../shared/target.ts'
import type { EndpointView } from './endpoints.ts'
import { Failed } from './failure.ts'
import type { Asker, Prompts } from './prompts.ts'

/** Whose prompts come from a relay for a session, shell or SFTP, and how they are answered. @param ends what is the session's own */
export function askerFor(
  { id, label, url, link }: EndpointView,
  sessionId: string,
  tabId: string,
  target: Target,
  ends: Pick<Asker, 'agentKeys' | 'password' | 'fail'>,
): Asker {
  return {
    sessionId,
    tabId,
    relay: { id, label, url },
    way: [...target.jump, target].map(({ host, port = 22 }) => ({ host, port })),
    builtInHost: link.hello.peek()?.builtInHost,
    ...ends,
    async answer(promptId, answer) {
      await link.ask('ssh-answer', { sessionId, promptId, answer })
    },
  }
}

type Destination = Pick<ClientPayload<'ssh-connect'>, 'host' | 'port' | 'username' | 'jump'>

/** Where to connect. A hop without a user name takes that of the target. Throws `Failed` for a target without one. */
export function destination({ host, port, username, jump }: Target): Destination {
  if (username === undefined) throw new Failed('not-named')
  return {
    host,
    username,
    ...(port !== undefined && { port }),
    jump: jump.map((hop) => ({
      host: hop.host,
      username: hop.username ?? username,
      ...(hop.port !== undefined && { port: hop.port }),
    })),
  }
}

/** The same with the host key algorithms that each part of the way is to be asked for, by what is known of it. */
export async function askingForKnown<D extends Destination>(to: D, prompts: Prompts, relayId: string): Promise<D> {
  const ordered = async <H extends { host: string; port?: number | undefined }>(hop: H): Promise<H> => {
    const hostKeyAlgorithms = await prompts.hostKeyAlgorithms(hop.host, hop.port ?? 22, relayId)
    return hostKeyAlgorithms ? { ...hop, hostKeyAlgorithms } : hop
  }
  return { ...(await ordered(to)), jump: await Promise.all((to.jump ?? []).map(ordered)) }
}
