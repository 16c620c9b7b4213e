import type { ClientPayload } from '../../shared/protocol.ts'
import { Failed } from './failure.ts'
import { newId } from './id.ts'
import type { Link } from './link.ts'

/** Characters of output that are kept, and milliseconds that the command may take. */
const bounds = { output: 64 * 1024, ms: 30_000 }

/** What a command wrote, and how it ended. */
export interface CommandResult {
  output: string
  exitCode: number | undefined
}

/**
 * Runs a short command on the connection of an open shell, without a terminal. Nobody is asked for anything: where the
 * connection takes no further session, it rejects.
 * @param shell the open session's id
 * @param way as the shell's own connect said it
 * Rejects with `Failed`.
 */
export function runBeside(
  link: Link,
  shell: string,
  way: Pick<ClientPayload<'ssh-connect'>, 'host' | 'port' | 'username' | 'jump' | 'identities' | 'legacyAlgorithms'>,
  command: string,
): Promise<CommandResult> {
  const sessionId = newId()
  let output = ''
  return new Promise<CommandResult>((resolve, reject) => {
    const late = setTimeout(() => over(() => reject(new Failed('command-late')), true), bounds.ms)
    const over = (settle: () => void, running = false) => {
      clearTimeout(late)
      unroute()
      if (running) link.send('ssh-disconnect', { sessionId })
      settle()
    }
    const unroute = link.route(sessionId, {
      'ssh-data': ({ data }) => {
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data)
        output = (output + text).slice(-bounds.output)
      },
      // Where the connection cannot be shared, the relay begins a login of its own.
      'ssh-prompt': ({ promptId }) => {
        link
          .ask('ssh-answer', { sessionId, promptId, answer: { kind: 'cancel' } })
          .catch((error: unknown) => over(() => reject(error)))
      },
      'ssh-disconnected': ({ exitCode }) => over(() => resolve({ output, exitCode })),
    })
    link
      .ask('ssh-connect', { ...way, sessionId, session: shell, command, pty: false, interactive: true })
      .catch((error: unknown) => over(() => reject(error)))
  })
}
