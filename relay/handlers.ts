import { Refusal } from '../shared/failure.ts'
import { attachBytes, type ClientEvent, type ClientMessage, type Reply } from '../shared/protocol.ts'
import { fileHandlers, listFiles } from './fileHandlers.ts'
import type { Peer, Route, Session } from './session.ts'
import { listSessions } from './sessionList.ts'
import type { Sessions } from './sessions.ts'
import { Sftp } from './sftp.ts'
import { Shell } from './shell.ts'

/** What a handler works on. */
export interface Scene {
  peer: Peer
  sessions: Sessions
  /** Random for this start of the relay, and for this socket: both are signed by an attach. */
  epoch: string
  nonce: string
  builtInHost: { host: string; port: number; username: string; privateKey: string } | undefined
}

/** One handler for each client event; what it returns is the reply's payload, what it throws becomes the failure. */
export type Handlers = {
  [E in ClientEvent]: (scene: Scene, message: ClientMessage<E>) => Reply<E> | Promise<Reply<E>>
}

export const handlers: Handlers = {
  'relay-ping': () => undefined,

  'ssh-connect': async (scene, message) => {
    const { sessions, peer } = scene
    const session = sessions.create(peer, message.sessionId, (birth) => new Shell(birth, message))
    // A forwarded agent belongs to one session, and so to a connection of its own.
    const near = message.forwardAgent ? undefined : sessions.beside(peer, message.session)
    return settle(scene, session, session.open(routeOf(scene, message), message, near), 'ssh-connected')
  },

  'ssh-data': ({ sessions, peer }, { sessionId, data, offset, answers }) => {
    sessions.attached(peer, sessions.shell(peer, sessionId)).write(data, offset, answers)
    return undefined
  },

  'ssh-ack': ({ sessions, peer }, { sessionId, offset, window }) => {
    sessions.attached(peer, sessions.shell(peer, sessionId)).ack(offset, window)
    return undefined
  },

  'ssh-screen': ({ sessions, peer }, { sessionId, ...picture }) => {
    sessions.attached(peer, sessions.shell(peer, sessionId)).keepScreen(picture)
    return undefined
  },

  'ssh-resize': ({ sessions, peer }, { sessionId, cols, rows }) => {
    sessions.attached(peer, sessions.shell(peer, sessionId)).resize({ cols, rows })
    return undefined
  },

  'ssh-attach': ({ sessions, peer, epoch, nonce }, { sessionId, offset, signature, typist }) => {
    const signed = attachBytes({ nonce, epoch, sessionId, offset })
    const session = sessions.toAttach(peer, sessionId, signed, signature)
    const attached = session.attach(peer, offset, signature, { epoch, nonce }, typist)
    sessions.keep(session)
    return attached
  },

  'ssh-detach': ({ sessions, peer }, { sessionId }) => {
    sessions.detach(sessions.attached(peer, sessions.shell(peer, sessionId)))
    return { sessionId }
  },

  'ssh-authorise': ({ sessions, peer, epoch, nonce }, { sessionId, signature, ...asked }) => {
    sessions.shell(peer, sessionId).authorise(asked, signature, { epoch, nonce })
    return { sessionId }
  },

  'session-list': ({ sessions, peer }) => listSessions(sessions, peer),

  'session-end': ({ sessions, peer }, { sessionId }) => {
    const session = sessions.shell(peer, sessionId)
    if (session.peer === peer) session.drop('closed')
    else session.end('closed')
    return { sessionId, reason: 'closed' }
  },

  'ssh-answer': ({ sessions, peer }, { sessionId, promptId, answer }) => {
    sessions.attached(peer, sessions.get(peer, sessionId)).prompts.answer(promptId, answer)
    return undefined
  },

  'ssh-disconnect': ({ sessions, peer }, { sessionId }) => {
    sessions.attached(peer, sessions.shell(peer, sessionId)).drop('closed')
    return { sessionId, reason: 'closed' }
  },

  'sftp-connect': async (scene, message) => {
    const { sessions, peer } = scene
    const { by, sudoPassword } = message
    const session = sessions.create(peer, message.sessionId, (birth) => new Sftp(birth, { by, sudoPassword }))
    const opening =
      'host' in message
        ? session.open(routeOf(scene, message), sessions.beside(peer, message.session))
        : session.openOn(() => connectionOf(sessions.attached(peer, sessions.get(peer, message.session))))
    return settle(scene, session, opening, 'sftp-connected', () => session.greeting)
  },

  'sftp-list': listFiles,

  ...fileHandlers,

  'sftp-disconnect': ({ sessions, peer }, { sessionId }) => {
    sessions.attached(peer, sessions.sftp(peer, sessionId)).drop('closed')
    return { sessionId }
  },
}

/**
 * Waits for a connect. One that fails leaves no session behind. Who asked is answered by dispatch; if another socket has
 * taken the session meanwhile, it is told as well.
 */
async function settle(
  scene: Scene,
  session: Session,
  opening: Promise<boolean>,
  connected: 'ssh-connected' | 'sftp-connected',
  greeting?: () => Sftp['greeting'],
) {
  let shared: boolean
  const moved = () => session.peer !== undefined && session.peer !== scene.peer
  try {
    shared = await opening
  } catch (error) {
    if (moved() && error instanceof Refusal) session.end('failure', error)
    session.drop('failure', error instanceof Refusal ? error : undefined)
    throw error
  }
  const reply = { sessionId: session.id, ...(shared && { shared }), ...greeting?.() }
  if (moved()) session.emit(connected, reply)
  return reply
}

function connectionOf(session: Session) {
  if (!session.connection || session.connection.ended.aborted) throw new Refusal('session-state')
  if (session.connection.full) throw new Refusal('too-many-sessions')
  return session.connection
}

/** The relay logs in to its own built-in host by itself. */
function routeOf({ builtInHost }: Scene, message: Route): Route {
  const { host, port, username, password, privateKey, passphrase, jump, interactive } = message
  const { identities, legacyAlgorithms, hostKeyAlgorithms } = message
  const own = builtInHost
  const isOwn = own && jump.length === 0 && host === own.host && port === own.port && username === own.username
  const key = isOwn && password === undefined && privateKey === undefined ? own.privateKey : privateKey
  const login = { password, privateKey: key, passphrase, identities, legacyAlgorithms, hostKeyAlgorithms }
  return { host, port, username, ...login, jump, interactive }
}
