import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'socket.io'
import { Refusal } from '../shared/failure.ts'
import type { Auth, Login, RevokeReason } from './auth.ts'
import type { Log } from './log.ts'
import type { Visitor } from './visitor.ts'

/** What the guard leaves on `socket.data` for whoever handles events. */
interface SocketData {
  login: Login
  /** Address of the client. */
  peer: string
}

/** What the guard needs. */
export interface GuardOptions {
  auth: Auth
  log: Log
  noQueryToken: boolean
  visitorOf(request: IncomingMessage): Visitor
  /** Whether a page of a listed origin is in without a token; each such origin is a principal of its own. */
  originsWithoutToken?: boolean
}

/** Names the logins that an origin stands for: they are bound to no token, and end with their socket or the password. */
const byOrigin = 'origin'

const reasons: Record<RevokeReason, string> = {
  logout: 'This login was ended',
  'password-changed': "The relay's password was changed",
  'password-removed': "The relay's password was removed",
  expired: 'This login has expired',
}

/**
 * Lets sockets in by their token, from `auth.token` or the query of the handshake, and closes them when it ends. A
 * refusal is the same for no token, a wrong one and an old one.
 */
export function guard(io: Server, options: GuardOptions): void {
  const { auth, log } = options
  io.use((socket, next) => {
    const visitor = options.visitorOf(socket.request)
    const login = admit(socket, visitor, options)
    if (login instanceof Refusal) {
      log('socket-refused', { peer: visitor.peer, code: login.code })
      next(Object.assign(login, { data: login.toFailure() }))
      return
    }
    const data: SocketData = { login, peer: visitor.peer }
    Object.assign(socket.data, data)
    log('socket-open', { peer: visitor.peer, socket: socket.id, login: login.tokenId })
    socket.onAny(() => auth.touch(login.tokenId))
    socket.on('disconnect', (reason) => log('socket-close', { socket: socket.id, reason }))
    next()
  })
  io.on('connection', (socket) => {
    // The token may have ended between the check and here.
    const { login } = socket.data as SocketData
    if (login.tokenId !== byOrigin && !auth.holds(login)) end(socket, 'expired')
  })
  auth.onRevoked((tokenIds, reason) => {
    const ended = new Set(tokenIds)
    if (reason === 'password-changed' || reason === 'password-removed') ended.add(byOrigin)
    for (const socket of io.sockets.sockets.values()) {
      if (ended.has((socket.data as SocketData).login.tokenId)) end(socket, reason)
    }
  })
}

function end(socket: Socket, reason: RevokeReason): void {
  socket.emit('ssh-error', new Refusal('login-required', { detail: reasons[reason] }).toFailure())
  socket.disconnect(true)
}

function admit(socket: Socket, visitor: Visitor, options: GuardOptions): Login | Refusal {
  const { auth, noQueryToken, originsWithoutToken } = options
  const { auth: given, query } = socket.handshake
  const inQuery = query.token
  if (noQueryToken && inQuery !== undefined) return new Refusal('login-required')
  const token: unknown = given.token ?? inQuery
  if (auth.setUp) return new Refusal('set-up-required')
  const login = auth.verify(typeof token === 'string' ? token : undefined)
  if (!login && token === undefined && originsWithoutToken && visitor.crossOrigin && !visitor.tokenNeeded)
    return { principal: `origin ${visitor.crossOrigin}`, tokenId: byOrigin }
  if (!login) return new Refusal('login-required')
  return visitor.tokenNeeded && !auth.passwordSet ? new Refusal('origin-refused') : login
}
