import type { Duplex } from 'node:stream'

/**
 * Sends what is written to a socket in one turn of the event loop in one call of the system: a reply is often several small
 * pieces, and each call costs more than what it carries.
 */
export function gatherWrites(socket: Duplex): void {
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean
  const destroy = socket.destroy.bind(socket)
  let gathering = false
  const send = () => {
    if (gathering) socket.uncork()
    gathering = false
  }
  socket.write = (...given: unknown[]) => {
    if (!gathering) {
      gathering = true
      socket.cork()
      process.nextTick(send)
    }
    return write(...given)
  }
  // Last words are often followed by this in the same turn.
  socket.destroy = (error) => {
    send()
    return destroy(error)
  }
}
