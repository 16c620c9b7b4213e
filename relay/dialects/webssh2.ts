import type { Server, Socket } from 'socket.io'
import * as v from 'valibot'
import { Refusal } from '../../shared/failure.ts'
import type { Config } from '../config.ts'
import { type Dispatch, limitEvents } from '../dispatch.ts'
import type { Log } from '../log.ts'
import type { Peer } from '../session.ts'
import { methodDisabled } from './webssh2Answers.ts'
import { type Webssh2Event, type Webssh2Message, webssh2Events } from './webssh2Events.ts'
import { Webssh2Form } from './webssh2Form.ts'
import { hostKeyVerification, Webssh2Visit } from './webssh2Visit.ts'

/** What the dialect translates onto. */
export interface Webssh2Options {
  core: Dispatch
  config: Config
  log: Log
}

type Listeners = { [E in Webssh2Event]: (message: Webssh2Message<E>) => unknown }

/**
 * Serves clients of WebSSH2, old (seed 001) and new: every event of theirs is validated and turned into what our own
 * sessions, prompts and files do. Junk is logged and dropped.
 */
export function webssh2(io: Server, options: Webssh2Options): void {
  io.on('connection', (socket) => serve(socket, options))
}

function serve(socket: Socket, { core, config, log }: Webssh2Options): void {
  const { sessions, knownHosts } = core
  let visit: Webssh2Visit | undefined
  const form = new Webssh2Form(socket)
  const refuse = (message: string) => socket.emit('authentication', { action: 'auth_result', success: false, message })

  const listeners: Listeners = {
    authenticate: async (asked) => {
      // The login before ends here, wherever it stands: nothing of it is left behind.
      visit?.close()
      visit = undefined
      const closed = closedMethod(asked, config)
      if (closed) {
        socket.emit('authFailure', methodDisabled(closed))
        refuse(`The relay does not take ${closed} from clients of WebSSH2`)
        return
      }
      const place = placeOf(asked, socket, config)
      if (!place) {
        refuse('No SSH host configured')
        return
      }
      try {
        visit = new Webssh2Visit({ socket, sessions, knownHosts, config, log }, { ...asked, ...place })
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        refuse(error.message)
        return
      }
      await visit.open()
    },
    terminal: (asked) => visit?.terminal(asked),
    data: (text) => visit?.input(text),
    resize: (size) => visit?.resize(size),
    control: (what) => {
      if (what === 'reauth') socket.emit('authentication', { action: 'reauth' })
      else visit?.replay()
    },
    exec: (asked) => (visit ? visit.exec(asked) : socket.emit('ssherror', 'No SSH connection')),
    'prompt-response': (answer) => {
      const filled = form.take(answer)
      if (filled === 'cancelled') return refuse('Authentication cancelled')
      if (filled) return listeners.authenticate(v.parse(webssh2Events.authenticate, filled))
      return visit?.answers.respond(answer)
    },
    'hostkey:verify-response': (answer) => visit?.answers.respondHostKey(answer),
    'sftp-list': (asked) => files()?.list(asked),
    'sftp-stat': (asked) => files()?.stat(asked),
    'sftp-mkdir': (asked) => files()?.mkdir(asked),
    'sftp-delete': (asked) => files()?.delete(asked),
    'sftp-upload-start': (asked) => files()?.startUpload(asked),
    'sftp-upload-chunk': (asked) => files()?.chunk(asked),
    'sftp-upload-cancel': (asked) => files()?.cancelUpload(asked),
    'sftp-download-start': (asked) => files()?.download(asked),
    'sftp-download-cancel': (asked) => files()?.cancelDownload(asked),
  }

  function files() {
    const found = visit?.files
    if (!found) socket.emit('sftp-error', { code: 'SFTP_NO_CONNECTION', message: 'No active SSH connection' })
    return found
  }

  function junk(event: Webssh2Event): void {
    log('refused', { request: event, socket: socket.id, code: 'bad-request' })
    if (event === 'authenticate') refuse('Invalid credentials')
    if (event === 'exec') socket.emit('ssherror', 'Invalid exec request')
    const operation = /^sftp-(list|stat|mkdir|delete|upload|download)/.exec(event)?.[1]
    if (operation) socket.emit('sftp-error', { operation, code: 'SFTP_INVALID_REQUEST', message: 'Invalid request' })
  }

  async function hear<E extends Webssh2Event>(event: E, payload: unknown): Promise<void> {
    const parsed = v.safeParse(webssh2Events[event], payload)
    if (!parsed.success) return junk(event)
    try {
      // The schema of an event and its listener go together, which TypeScript cannot follow for a type parameter.
      await listeners[event](parsed.output as Webssh2Message<E>)
    } catch (error) {
      // Foreseen where a session ends while it is spoken to.
      if (error instanceof Refusal) log('refused', { request: event, socket: socket.id, code: error.code })
      else {
        log('bug', { request: event, error: String((error as Error | undefined)?.stack ?? error) })
        socket.emit('ssherror', new Refusal('internal').message)
        socket.disconnect(true)
      }
    }
  }

  // It uses what every socket has.
  limitEvents(socket as unknown as Peer, config, log, core.tally)
  for (const event of Object.keys(listeners) as Webssh2Event[]) {
    socket.on(event, (payload?: unknown) => void hear(event, payload))
  }
  socket.on('disconnect', () => visit?.close())
  socket.emit('permissions', { hostKeyVerification: hostKeyVerification(config) })
  if (config.webssh2Prompts && config.webssh2Target) form.ask(config.limits.promptMs)
  else socket.emit('authentication', { action: 'request_auth' })
}

/** The first method that a login would need and that the operator has closed. A password also answers questions. */
function closedMethod(
  { password, privateKey }: Webssh2Message<'authenticate'>,
  { webssh2Methods: open }: Config,
): Config['webssh2Methods'][number] | undefined {
  if (privateKey && !open.includes('publickey')) return 'publickey'
  if (password && !open.includes('password') && !open.includes('keyboard-interactive')) return 'password'
  return undefined
}

/** Where a login goes: as it says, as the address of the page says, or as the operator has said. */
function placeOf(
  { host, port }: Webssh2Message<'authenticate'>,
  { handshake }: Socket,
  { webssh2Target }: Config,
): { host: string; port: number } | undefined {
  if (host) return { host, port: port ?? 22 }
  const { host: inAddress, port: at } = handshake.query
  if (typeof inAddress === 'string' && inAddress !== '') return { host: inAddress, port: at ? Number(at) : 22 }
  return webssh2Target
}
