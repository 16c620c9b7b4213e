import { connect } from 'node:net'
import type { AcceptConnection, RejectConnection, ServerChannel, TcpipRequestInfo } from 'ssh2'

/** Longest host name of DNS, in characters. */
const NAME_MAX = 253

/**
 * Answers direct-tcpip (RFC 4254 §7.2): dials and joins. Whoever is logged in has a shell of this user, so that any
 * address this user reaches may be dialled; a refusal comes only from the system, the limits, or a dial of over `dialMs`.
 * @returns ends the forward, safe at any time; undefined if there is none, since the target is no address
 */
export function forward(
  accept: AcceptConnection<ServerChannel>,
  reject: RejectConnection,
  { destIP, destPort }: TcpipRequestInfo,
  dialMs: number,
  ended: () => void,
): (() => void) | undefined {
  if (destPort < 1 || destPort > 65535 || destIP.length === 0 || destIP.length > NAME_MAX) {
    reject()
    return undefined
  }
  const socket = connect({ host: destIP, port: destPort, allowHalfOpen: true, noDelay: true })
  const slow = setTimeout(() => socket.destroy(), dialMs)
  let channel: ServerChannel | undefined
  socket.once('connect', () => {
    clearTimeout(slow)
    const joined = accept()
    channel = joined
    // A reset of one side closes the other; there is no one else to tell.
    joined.on('error', () => socket.destroy())
    joined.on('close', () => socket.destroy())
    joined.pipe(socket)
    socket.pipe(joined, { end: false })
    // A server's ssh2 channel closes with `end()`: half of it may not, the other direction can have bytes to go.
    socket.once('end', () => joined.write(Buffer.alloc(0), () => joined.eof()))
  })
  socket.once('error', () => socket.destroy())
  socket.once('close', () => {
    clearTimeout(slow)
    if (channel) channel.end()
    else reject()
    ended()
  })
  return () => socket.destroy()
}
