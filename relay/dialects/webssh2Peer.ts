import type { Socket } from 'socket.io'
import type { ServerEvent, ServerPayload } from '../../shared/protocol.ts'
import type { Peer } from '../session.ts'

/** What is done with the events of our own protocol; those that are not named are of no use to the client. */
export type Hearing = { [E in ServerEvent]?: (payload: ServerPayload<E>) => void }

/** A socket as sessions know it: what they send is heard here, to be said again in the words of the other dialect. */
export function peerOf(socket: Socket, hearing: Hearing): Peer {
  const peer = {
    id: socket.id,
    data: socket.data,
    conn: socket.conn,
    emit<E extends ServerEvent>(event: E, payload: ServerPayload<E>): boolean {
      hearing[event]?.(payload)
      return true
    },
  }
  // Sessions use no more of a socket than this.
  return peer as unknown as Peer
}
