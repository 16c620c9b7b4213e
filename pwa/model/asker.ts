import type { ClientPayload } from '../../shared/protocol.ts'
import type { Target } from '../../shared/target.ts'
import type { EndpointView } from './endpoints.ts'
import { Failed } from './failure.ts'
import type { Asker } from './prompts.ts'

/** Whose prompts come from a relay for a session, shell or SFTP, and how they are answered. */
export function askerFor({ id, label, url, link }: EndpointView, sessionId: string, tabId: string): Asker {
  return {
    sessionId,
    tabId,
    relay: { id, label, url },
    builtInHost: link.hello.peek()?.builtInHost,
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
