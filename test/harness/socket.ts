import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'

/** A Socket.IO client of a relay that connects at once and does not come back by itself. Close it in the test. */
export function openSocket(url: string, token?: string, options: Partial<ManagerOptions & SocketOptions> = {}): Socket {
  return io(url, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    ...(token !== undefined && { auth: { token } }),
    ...options,
  })
}

/** Resolves with the first payload of an event. */
export function once<T = unknown>(socket: Socket, event: string): Promise<T> {
  return new Promise((settle) => {
    socket.once(event, (payload: T) => settle(payload))
  })
}

/** Resolves when the socket is in, rejects with the relay's words when it is not let in. */
export function connected(socket: Socket): Promise<void> {
  return new Promise((settle, reject) => {
    socket.once('connect', settle)
    socket.once('connect_error', reject)
  })
}

/** Resolves with the refusal of a socket that must not get in. */
export function refused(socket: Socket): Promise<Error & { data?: { code: string } }> {
  return new Promise((settle, reject) => {
    socket.once('connect_error', settle)
    socket.once('connect', () => reject(new Error('the socket was let in')))
  })
}
