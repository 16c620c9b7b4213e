import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import { packetType as sftp } from '../../relay/sftp/packet.ts'
import { makeSshKey } from './sshKey.ts'

const OK = 0
const EOF = 1
const NO_SUCH_FILE = 2
const FAILURE = 4
const UNSUPPORTED = 8

/** Flags of OPEN (draft §6.3). */
const CREATE = 0x8
const TRUNCATE = 0x10
const EXCLUSIVE = 0x20

/** Entries of one NAME packet. */
const BATCH = 100

/** One request as it came. */
export interface SftpRequest {
  type: number
  /** 0 for INIT. */
  id: number
  /** What follows the id. */
  body: Buffer
}

/** What a lie can do besides answering. */
interface SftpWire {
  /** Sends bytes on the channel as they are. */
  send(bytes: Buffer): void
  /** Ends the channel. */
  end(): void
  /** Requests of this type so far, this one included. */
  count(type: number): number
}

/** What is sent in place of the true reply; undefined lets the truth through, an empty list is silence. */
export type SftpLie = (request: SftpRequest, truth: Buffer, wire: SftpWire) => readonly Buffer[] | undefined

/** An SFTP server with a few files in memory, which answers as its lie says. */
export interface LyingSftp {
  host: '127.0.0.1'
  port: number
  username: string
  password: string
  /** Absolute path → content. What is uploaded lands here. */
  files: Map<string, Buffer>
  /** In place of the truth, from the next request on. */
  lie: SftpLie
  /** All requests so far. */
  readonly requests: readonly SftpRequest[]
  /** Bytes that the client of the last conversation lets it send (RFC 4254 §5.2). */
  window(): number
  /** Resolves with the first request that fits, past or to come. */
  asked(fits: (request: SftpRequest) => boolean): Promise<SftpRequest>
  close(): Promise<void>
}

/** Starts one on a free port of loopback; it lets everybody in. @param extensions that its VERSION announces, by name */
export async function startLyingSftp(
  files: Record<string, Buffer> = {},
  lie: SftpLie = () => undefined,
  extensions: Record<string, string> = { 'posix-rename@openssh.com': '1', 'fsync@openssh.com': '1' },
): Promise<LyingSftp> {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-lying-'))
  const key = await makeSshKey(join(dir, 'host'))
  await rm(dir, { recursive: true })
  const connections = new Set<Connection>()
  const requests: SftpRequest[] = []
  const waiting = new Set<() => void>()
  const liar: LyingSftp = {
    host: '127.0.0.1',
    port: 0,
    username: 'liar',
    password: 'whatever',
    files: new Map(Object.entries(files)),
    lie,
    requests,
    window: () => 0,
    asked: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = requests.find(fits)
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    async close() {
      for (const connection of connections) connection.end()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  const server = new ssh2.Server({ hostKeys: [key.private] }, (connection) => {
    connections.add(connection)
    connection.on('error', () => undefined)
    connection.on('close', () => connections.delete(connection))
    connection.on('authentication', (context) => context.accept())
    connection.on('session', (accept) => {
      const session = accept()
      session.on('subsystem', (yes, no, { name }) => {
        if (name !== 'sftp') return no?.()
        const channel = yes()
        const { outgoing } = channel as unknown as { outgoing: { window: number } }
        liar.window = () => outgoing.window
        serve(channel, liar, extensions, (request) => {
          requests.push(request)
          for (const look of [...waiting]) look()
        })
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  liar.port = (server.address() as AddressInfo).port
  return liar
}

function serve(
  channel: ServerChannel,
  liar: LyingSftp,
  extensions: Record<string, string>,
  note: (request: SftpRequest) => void,
): void {
  const truth = honest(liar.files, extensions)
  const counts = new Map<number, number>()
  const wire: SftpWire = {
    send: (bytes) => void channel.write(bytes),
    end: () => channel.end(),
    count: (type) => counts.get(type) ?? 0,
  }
  let rest = Buffer.alloc(0)
  channel.on('error', () => undefined)
  channel.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const packet = rest.subarray(4, 4 + rest.readUInt32BE(0))
      rest = rest.subarray(4 + packet.length)
      const type = packet[0] ?? 0
      const request =
        type === sftp.init
          ? { type, id: 0, body: packet.subarray(1) }
          : { type, id: packet.readUInt32BE(1), body: packet.subarray(5) }
      counts.set(type, wire.count(type) + 1)
      note(request)
      const reply = truth(request)
      for (const bytes of liar.lie(request, reply, wire) ?? [reply]) wire.send(bytes)
    }
  })
}

/** One packet with its length. */
function packet(type: number, ...parts: (number | bigint | string | Buffer)[]): Buffer {
  const payload = Buffer.concat([
    Buffer.from([type]),
    ...parts.map((part) => {
      if (typeof part === 'number') return u32(part)
      if (typeof part === 'bigint') {
        const bytes = Buffer.alloc(8)
        bytes.writeBigUInt64BE(part)
        return bytes
      }
      return Buffer.concat([u32(Buffer.byteLength(part)), Buffer.from(part)])
    }),
  ])
  return Buffer.concat([u32(payload.length), payload])
}

/** STATUS, as a server words it. */
export function status(id: number, code: number, text = ''): Buffer {
  return packet(sftp.status, id, code, text, '')
}

/** A string of a request, and what follows it. */
export function stringOf(body: Buffer, at = 0): { bytes: Buffer; next: number } {
  const length = body.readUInt32BE(at)
  return { bytes: body.subarray(at + 4, at + 4 + length), next: at + 4 + length }
}

/** Handle, offset and length of a READ. */
export function readOf({ body }: SftpRequest): { handle: string; offset: number; length: number } {
  const { bytes, next } = stringOf(body)
  return {
    handle: bytes.toString(),
    offset: Number(body.readBigUInt64BE(next)),
    length: body.readUInt32BE(next + 8),
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

/** When the files of a liar say that they were changed, in seconds since 1970. */
const MTIME = 1_700_000_000

/** ATTRS of a file of so many bytes, or of a directory. */
function attributes(size: number | 'directory'): Buffer {
  const [bytes, mode] = size === 'directory' ? [4096, 0o40755] : [size, 0o100644]
  // Size, owner, permissions and times.
  return Buffer.concat([u32(15), u32(0), u32(bytes), u32(1000), u32(1000), u32(mode), u32(MTIME), u32(MTIME)])
}

/** NAME with these names, each a file of one byte. */
function names(id: number, list: readonly (string | Buffer)[]): Buffer {
  const entries = list.map((name) =>
    Buffer.concat([u32(Buffer.byteLength(name)), Buffer.from(name), u32(0), attributes(1)]),
  )
  const payload = Buffer.concat([Buffer.from([sftp.name]), u32(id), u32(list.length), ...entries])
  return Buffer.concat([u32(payload.length), payload])
}

function attrs(id: number, size: number | 'directory'): Buffer {
  const payload = Buffer.concat([Buffer.from([sftp.attrs]), u32(id), attributes(size)])
  return Buffer.concat([u32(payload.length), payload])
}

/** What an honest server would answer. */
function honest(files: Map<string, Buffer>, extensions: Record<string, string>): (request: SftpRequest) => Buffer {
  const open = new Map<string, { path: string; list?: string[] }>()
  const made = new Set<string>()
  let handles = 0
  const opened = (of: { path: string; list?: string[] }, id: number) => {
    handles += 1
    open.set(`h${handles}`, of)
    return packet(sftp.handle, id, `h${handles}`)
  }
  const absolute = (bytes: Buffer) => posix.resolve('/', bytes.toString('latin1'))
  const inside = (path: string) =>
    [...files.keys(), ...made].filter((one) => posix.dirname(one) === path && one !== '/')
  const isDirectory = (path: string) =>
    path === '/' || made.has(path) || [...files.keys()].some((one) => one.startsWith(`${path}/`))
  const stat = (id: number, path: string) => {
    const file = files.get(path)
    if (file) return attrs(id, file.length)
    return isDirectory(path) ? attrs(id, 'directory') : status(id, NO_SUCH_FILE)
  }
  const rename = (id: number, from: string, to: string) => {
    const file = files.get(from)
    if (!file) return status(id, NO_SUCH_FILE)
    files.delete(from)
    files.set(to, file)
    return status(id, OK)
  }

  return ({ type, id, body }) => {
    if (type === sftp.init) return packet(sftp.version, 3, ...Object.entries(extensions).flat())
    const { bytes, next } = stringOf(body)
    const path = absolute(bytes)
    const held = open.get(bytes.toString())
    switch (type) {
      case sftp.realpath:
        return packet(sftp.name, id, 1, path, path, 0)
      case sftp.stat:
      case sftp.lstat:
        return stat(id, path)
      case sftp.fstat:
        return held ? stat(id, held.path) : status(id, FAILURE)
      case sftp.opendir:
        return isDirectory(path) ? opened({ path, list: inside(path) }, id) : status(id, NO_SUCH_FILE)
      case sftp.readdir: {
        const batch = held?.list?.splice(0, BATCH) ?? []
        return batch.length > 0
          ? names(
              id,
              batch.map((one) => posix.basename(one)),
            )
          : status(id, EOF)
      }
      case sftp.close:
        open.delete(bytes.toString())
        return status(id, OK)
      case sftp.open: {
        const flags = body.readUInt32BE(next)
        if (flags & EXCLUSIVE && files.has(path)) return status(id, FAILURE, 'File exists')
        if (!files.has(path) && !(flags & CREATE)) return status(id, NO_SUCH_FILE)
        if (!files.has(path) || flags & TRUNCATE) files.set(path, Buffer.alloc(0))
        return opened({ path }, id)
      }
      case sftp.read: {
        const { offset, length } = readOf({ type, id, body })
        const file = held && files.get(held.path)
        if (!file) return status(id, FAILURE)
        const data = file.subarray(offset, offset + length)
        return data.length > 0 ? packet(sftp.data, id, data) : status(id, EOF)
      }
      case sftp.write: {
        const file = held && files.get(held.path)
        if (!held || !file) return status(id, FAILURE)
        const offset = Number(body.readBigUInt64BE(next))
        const data = stringOf(body, next + 8).bytes
        const grown = Buffer.alloc(Math.max(file.length, offset + data.length))
        file.copy(grown)
        data.copy(grown, offset)
        files.set(held.path, grown)
        return status(id, OK)
      }
      case sftp.setstat:
      case sftp.fsetstat:
        return status(id, OK)
      case sftp.remove:
        return status(id, files.delete(path) ? OK : NO_SUCH_FILE)
      case sftp.mkdir:
        if (isDirectory(path)) return status(id, FAILURE, 'File exists')
        made.add(path)
        return status(id, OK)
      case sftp.rmdir:
        return status(id, made.delete(path) ? OK : NO_SUCH_FILE)
      case sftp.rename:
        return rename(id, path, absolute(stringOf(body, next).bytes))
      case sftp.extended: {
        const name = bytes.toString()
        if (name === 'fsync@openssh.com' && extensions[name]) return status(id, OK)
        if (name !== 'posix-rename@openssh.com' || !extensions[name]) return status(id, UNSUPPORTED)
        const from = stringOf(body, next)
        return rename(id, absolute(from.bytes), absolute(stringOf(body, from.next).bytes))
      }
      default:
        return status(id, UNSUPPORTED)
    }
  }
}

/** Only for requests of one type; all others have the truth. */
const on =
  (type: number, lie: SftpLie): SftpLie =>
  (request, truth, wire) =>
    request.type === type ? lie(request, truth, wire) : undefined

/** The data of a true DATA reply; undefined where it is something else. */
function dataOf(truth: Buffer): Buffer | undefined {
  return truth[4] === sftp.data ? stringOf(truth, 9).bytes : undefined
}

/** A fake length field, and the packet behind it. */
function withLength(length: number, truth: Buffer): Buffer {
  return Buffer.concat([u32(length), truth.subarray(4)])
}

/** What a server can do to a client, by name. */
export const lies = {
  /** The file ends at this offset, whatever its size is said to be. */
  earlyEof: (at: number): SftpLie =>
    on(sftp.read, (request, truth) => {
      const data = dataOf(truth)
      const { offset } = readOf(request)
      if (!data || offset + data.length <= at) return undefined
      return offset >= at ? [status(request.id, EOF)] : [packet(sftp.data, request.id, data.subarray(0, at - offset))]
    }),
  /** No READ gives more than so many bytes, which is allowed. */
  shortReads: (most: number): SftpLie =>
    on(sftp.read, ({ id }, truth) => {
      const data = dataOf(truth)
      return data && [packet(sftp.data, id, data.subarray(0, most))]
    }),
  /** DATA without a byte, neither progress nor an end. */
  emptyData: (): SftpLie => on(sftp.read, ({ id }) => [packet(sftp.data, id, '')]),
  /** More bytes than were asked for. */
  longData: (): SftpLie =>
    on(sftp.read, (request) => [packet(sftp.data, request.id, Buffer.alloc(readOf(request).length + 1))]),
  /** An id that nobody asked with. */
  wrongId: (type: number): SftpLie => on(type, ({ id }) => [status(id + 100_000, OK)]),
  /** A reply of a type that does not answer the request. */
  wrongType: (type: number): SftpLie =>
    on(type, ({ id }) => [type === sftp.read ? attrs(id, 1) : packet(sftp.data, id, 'not what you asked for')]),
  /** A type that there is none. */
  unknownType: (type: number): SftpLie => on(type, ({ id }) => [packet(177, id)]),
  /** NAME that counts 2^32 − 1 names. */
  hugeCount: (type: number = sftp.readdir): SftpLie => on(type, ({ id }) => [packet(sftp.name, id, 0xffffffff)]),
  /** A packet of no length. */
  zeroLength: (type: number): SftpLie => on(type, () => [u32(0)]),
  /** A packet that says it is so long. */
  tooLong: (type: number, length = 256 * 1024 + 4096): SftpLie => on(type, (_, truth) => [withLength(length, truth)]),
  /** A packet that ends in the middle of its fields. */
  cutShort: (type: number): SftpLie =>
    on(type, (_, truth) => {
      const short = truth.subarray(0, 4 + Math.max(1, (truth.length - 4) >> 1))
      return [withLength(short.length - 4, short)]
    }),
  /** A string within that claims more than its packet has. */
  longString: (): SftpLie =>
    on(sftp.read, ({ id }) => {
      const reply = packet(sftp.data, id, 'short')
      reply.writeUInt32BE(0xfffffff0, 9)
      return [reply]
    }),
  /** Every reply twice. */
  duplicate: (type: number): SftpLie => on(type, (_, truth) => [truth, truth]),
  /** Once more the reply to a READ, after its handle was closed. */
  replyAfterClose: (): SftpLie => {
    let last: Buffer | undefined
    return ({ type }, truth) => {
      if (type === sftp.read) last = truth
      return type === sftp.close && last ? [truth, last] : undefined
    }
  },
  /** A directory without end: a hundred new names with every READDIR. */
  endlessListing: (): SftpLie => {
    let entry = 0
    return on(sftp.readdir, ({ id }) => [
      names(
        id,
        Array.from({ length: BATCH }, () => `entry-${entry++}`),
      ),
    ])
  },
  /** These names, a hundred at a time, and then the end. */
  listing: (list: readonly (string | Buffer)[]): SftpLie =>
    on(sftp.readdir, ({ id }, _, wire) => {
      const from = (wire.count(sftp.readdir) - 1) * BATCH
      return [from < list.length ? names(id, list.slice(from, from + BATCH)) : status(id, EOF)]
    }),
  /** So many names of so many bytes each, as many in a packet as go in. */
  longNames: (count: number, length: number): SftpLie => {
    let sent = 0
    const most = Math.max(1, Math.floor((200 * 1024) / (length + 64)))
    return on(sftp.readdir, ({ id }) => {
      if (sent >= count) return [status(id, EOF)]
      const batch = Math.min(most, count - sent)
      sent += batch
      return [
        names(
          id,
          Array.from({ length: batch }, (_, at) => `${sent - at}-`.padEnd(length, 'n')),
        ),
      ]
    })
  },
  /** No answer to requests of this type. */
  stall: (type: number): SftpLie => on(type, () => []),
  /** After so many READs every size is another one, and the content ends there. */
  sizeChanges:
    (after: number, size: number): SftpLie =>
    (request, truth, wire) => {
      if (wire.count(sftp.read) < after) return undefined
      if (request.type === sftp.fstat || request.type === sftp.stat || request.type === sftp.lstat)
        return truth[4] === sftp.attrs ? [attrs(request.id, size)] : undefined
      if (request.type !== sftp.read) return undefined
      const { offset, length } = readOf(request)
      const bytes = Math.min(length, size - offset)
      return [bytes > 0 ? packet(sftp.data, request.id, Buffer.alloc(bytes, 0x78)) : status(request.id, EOF)]
    },
} as const
