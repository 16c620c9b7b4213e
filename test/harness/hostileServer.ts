import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2'
import { makeSshKey } from './sshKey.ts'

/** A value of an SSH message (RFC 4251 §5): text and buffers are strings with a length, numbers uint32, booleans a byte. */
type Value = string | number | boolean | Buffer

/** The numbers of the messages that servers send here (RFC 4250 §4.1.2). */
export const message = {
  ignore: 2,
  serviceAccept: 6,
  kexinit: 20,
  authFailure: 51,
  authSuccess: 52,
  banner: 53,
  infoRequest: 60,
  globalRequest: 80,
  channelOpen: 90,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  close: 97,
  channelRequest: 98,
} as const

// Private to ssh2, which is pinned.
interface Protocol {
  serviceAccept(name: string): void
  _handlers: Record<string, (...of: never[]) => void>
  _cipher: { encrypt(packet: Buffer): void }
  _packetRW: { write: { allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer } }
}

/** One connection to a hostile server, below the rules that ssh2 would keep. */
export interface Wire {
  socket: Socket
  connection: Connection
  /** After as many more writes the client hears nothing; the connection stays up. */
  mute(after?: number): void
  /** Calls for every message of a kind, by ssh2's name for it, in place of what ssh2 does. */
  hear(name: string, listener: () => void): void
  /** Sends one SSH message, whatever the protocol says; not while keys are exchanged. */
  send(type: number, ...values: Value[]): void
  /** Sends the bytes of a message as they are. */
  sendBytes(message: Buffer): void
  /** Does not answer what comes first after the key exchange. */
  refuseService(): void
  /** Starts a key exchange; `done` is called when it is through. */
  rekey(done?: () => void): void
}

/** What a server does in place of what it should; what is left out goes well. */
export interface Script {
  /** In place of SSH altogether. */
  raw?(socket: Socket): void
  /** At once, before the identification. */
  connect?(wire: Wire): void
  /** For every try to log in. */
  login?(context: AuthContext, wire: Wire): void
  ready?(wire: Wire): void
  /** For every session channel that is asked for; true where it is to be opened. */
  channel?(wire: Wire): boolean
  /** A shell has been asked for; without it there is an echo. */
  shell?(start: () => ServerChannel, wire: Wire): void
}

/** A server that breaks the rules as its script says. */
export interface HostileServer {
  port: number
  /** TCP connections to it that a process holds at the other end, ended in one direction or not. */
  held(): number
  /** TCP connections so far. */
  readonly count: number
  close(): Promise<void>
}

/** Starts a server on a free port of loopback. */
export async function startHostile(script: Script): Promise<HostileServer> {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-hostile-'))
  const key = await makeSshKey(join(dir, 'host'))
  await rm(dir, { recursive: true })
  const sockets = new Set<Socket>()
  let count = 0
  const ssh = new ssh2.Server({ hostKeys: [key.private] }, (connection) => {
    connection.on('error', () => undefined)
    const wire = wireOf(connection)
    script.connect?.(wire)
    connection.on('authentication', (context) => (script.login ? script.login(context, wire) : context.accept()))
    connection.on('ready', () => {
      script.ready?.(wire)
      connection.on('session', (accept) => {
        if (script.channel?.(wire) === false) return
        const session = accept()
        session.on('pty', (yes) => yes?.())
        session.on('shell', (yes) => {
          if (script.shell) return script.shell(yes, wire)
          const channel = yes()
          channel.pipe(channel)
        })
      })
    })
  })
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    count += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    if (script.raw) script.raw(socket)
    else ssh.injectSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    held: () => heldTo((server.address() as AddressInfo).port),
    get count() {
      return count
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** From Linux's table of TCP sockets: a socket that no process holds has the inode 0. */
function heldTo(port: number): number {
  const [, ...lines] = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n')
  return lines.filter((line) => {
    const [, , remote = '', , , , , , , inode] = line.trim().split(/\s+/)
    return Number.parseInt(remote.split(':')[1] ?? '', 16) === port && inode !== '0'
  }).length
}

function wireOf(connection: Connection): Wire {
  const { _protocol: protocol, _sock: socket } = connection as unknown as { _protocol: Protocol; _sock: Socket }
  const wire: Wire = {
    socket,
    connection,
    mute(after = 0) {
      const { write } = socket
      let left = after
      // Bytes only: ssh2 gives nothing else.
      socket.write = ((bytes: Buffer) => left-- <= 0 || write.call(socket, bytes as never)) as never
      socket.end = () => socket
    },
    hear(name, listener) {
      protocol._handlers[name] = listener
    },
    send: (type, ...values) => wire.sendBytes(messageOf(type, ...values)),
    sendBytes(payload) {
      const { write } = protocol._packetRW
      const start = write.allocStart
      const packet = write.alloc(payload.length)
      packet.set(payload, start)
      protocol._cipher.encrypt(write.finalize(packet))
    },
    refuseService() {
      protocol.serviceAccept = () => undefined
    },
    rekey: (done) => connection.rekey(done),
  }
  return wire
}

/** The bytes of an SSH message. */
export function messageOf(type: number, ...values: Value[]): Buffer {
  return Buffer.concat([Buffer.from([type]), ...values.map(encode)])
}

function encode(value: Value): Buffer {
  if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  const bytes = Buffer.from(value)
  return Buffer.concat([encode(bytes.length), bytes])
}
