import { constants, lstat as lstatCallback, type Stats } from 'node:fs'
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  open,
  opendir,
  readlink,
  realpath,
  rename,
  rmdir,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
} from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Attributes } from '../../shared/protocol.ts'
import { type Field, openFlag, type PacketReader, packetType, statusCode, TRANSFER_MAX } from '../sftp/packet.ts'
import type { Accounts } from './accounts.ts'
import { longName, statFields } from './attributes.ts'
import type { OpenDirectory, SftpHandles } from './sftpHandles.ts'
import { SftpStatus } from './sftpStatus.ts'

/** What the requests of one SFTP conversation share. */
export interface Conversation {
  handles: SftpHandles
  accounts: Accounts
  /** Where relative paths begin. */
  home: Buffer
  symlinkTargetFirst: boolean
}

/** What a request is answered with; nothing means STATUS OK. Types and fields without the request's id. */
export type Reply = { type: number; fields: Field[] } | { data: Buffer } | undefined

/** Runs one request whose id has been read. */
export type Request = (packet: PacketReader, conversation: Conversation) => Promise<Reply>

/** Bits of a mode that may be set: permissions, set-id and sticky. */
const MODE_BITS = 0o7777

/** Entries of one READDIR: with names of 255 bytes in both places it stays well under a packet. */
const BATCH = 256

/** Bytes before the file's own in a DATA packet: length, type, id, length. */
const DATA_HEADER = 13

/** Every request of SFTP 3 but INIT and EXTENDED, by its type. */
export const requests: ReadonlyMap<number, Request> = new Map<number, Request>([
  [
    packetType.open,
    async (packet, { handles, home }) => {
      const path = absolute(packet.path(), home)
      const flags = systemFlags(packet.u32())
      const mode = (packet.attributes().mode ?? 0o666) & MODE_BITS
      const handle = await handles.add(async () => ({ kind: 'file', path, file: await open(path, flags, mode) }))
      return { type: packetType.handle, fields: [handle] }
    },
  ],
  [
    packetType.close,
    async (packet, { handles }) => {
      await handles.close(packet.bytes())
    },
  ],
  [
    packetType.read,
    async (packet, { handles }) => {
      const { file } = handles.file(packet.bytes())
      const offset = packet.u64()
      const length = Math.min(packet.u32(), TRANSFER_MAX)
      const data = Buffer.allocUnsafeSlow(DATA_HEADER + length)
      const { bytesRead } = await file.read(data, DATA_HEADER, length, offset)
      if (bytesRead === 0) throw new SftpStatus(statusCode.eof, 'end of file')
      return { data: data.subarray(0, DATA_HEADER + bytesRead) }
    },
  ],
  [
    packetType.write,
    async (packet, { handles }) => {
      const { file } = handles.file(packet.bytes())
      const offset = packet.u64()
      const data = packet.bytes()
      // A full disk can take a part first; its error comes with the next piece.
      for (let done = 0; done < data.length; ) {
        done += (await file.write(data, done, data.length - done, offset + done)).bytesWritten
      }
    },
  ],
  [packetType.lstat, async (packet, { home }) => attributes(await lstat(absolute(packet.path(), home)))],
  [packetType.stat, async (packet, { home }) => attributes(await stat(absolute(packet.path(), home)))],
  [
    packetType.fstat,
    async (packet, { handles }) => {
      const target = handles.get(packet.bytes())
      return attributes(target.kind === 'file' ? await target.file.stat() : await stat(target.path))
    },
  ],
  [
    packetType.setstat,
    async (packet, { home }) => {
      const path = absolute(packet.path(), home)
      await setAttributes(atPath(path), packet.attributes())
    },
  ],
  [
    packetType.fsetstat,
    async (packet, { handles }) => {
      const target = handles.get(packet.bytes())
      await setAttributes(target.kind === 'file' ? target.file : atPath(target.path), packet.attributes())
    },
  ],
  [
    packetType.opendir,
    async (packet, { handles, home, accounts }) => {
      const path = absolute(packet.path(), home)
      const handle = await handles.add(async () => {
        const [directory] = await Promise.all([
          // With 'buffer' names are bytes; Node's types know only of strings.
          opendir(path, { encoding: 'buffer' as BufferEncoding, bufferSize: BATCH }),
          accounts.refresh(),
        ])
        return { kind: 'directory', path, directory, dots: [Buffer.from('.'), Buffer.from('..')] }
      })
      return { type: packetType.handle, fields: [handle] }
    },
  ],
  [
    packetType.readdir,
    async (packet, { handles, accounts }) => {
      const entries = await nextEntries(handles.directory(packet.bytes()))
      if (entries.length === 0) throw new SftpStatus(statusCode.eof, 'end of directory')
      const now = Date.now()
      return names(entries.map(({ name, stats }) => [name, longName(name, stats, accounts, now), ...statFields(stats)]))
    },
  ],
  [
    packetType.remove,
    async (packet, { home }) => {
      await unlink(absolute(packet.path(), home))
    },
  ],
  [
    packetType.mkdir,
    async (packet, { home }) => {
      const path = absolute(packet.path(), home)
      await mkdir(path, (packet.attributes().mode ?? 0o777) & MODE_BITS)
    },
  ],
  [
    packetType.rmdir,
    async (packet, { home }) => {
      await rmdir(absolute(packet.path(), home))
    },
  ],
  [
    packetType.realpath,
    async (packet, { home }) => {
      const path = await canonical(absolute(packet.path(), home))
      return names([[path, path, 0]])
    },
  ],
  [
    packetType.rename,
    async (packet, { home }) => {
      await renameToNew(absolute(packet.path(), home), absolute(packet.path(), home))
    },
  ],
  [
    packetType.readlink,
    async (packet, { home }) => {
      const target = await readlink(absolute(packet.path(), home), 'buffer')
      return names([[target, target, 0]])
    },
  ],
  [
    packetType.symlink,
    async (packet, { home, symlinkTargetFirst }) => {
      const [first, second] = [packet.path(), packet.path()]
      // The target stays as it is given: a relative one is relative to the link.
      await (symlinkTargetFirst ? symlink(first, absolute(second, home)) : symlink(second, absolute(first, home)))
    },
  ],
])

/** A path from the root: relative ones begin at home, as after a login. */
export function absolute(path: Buffer, home: Buffer): Buffer {
  if (path[0] === SLASH) return path
  return path.length === 0 ? home : Buffer.concat([home, Buffer.from('/'), path])
}

const SLASH = 0x2f

/**
 * The path without `.`, `..`, links and doubled slashes; its last component need not exist, as with OpenSSH.
 * @throws the system's error if a directory on the way does not exist
 */
export async function canonical(path: Buffer): Promise<Buffer> {
  try {
    return await realpath(path, 'buffer')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const cut = path.lastIndexOf(SLASH)
    const name = path.subarray(cut + 1)
    if (name.length === 0 || name.equals(Buffer.from('.')) || name.equals(Buffer.from('..'))) throw error
    const parent = await realpath(cut === 0 ? '/' : path.subarray(0, cut), 'buffer')
    return Buffer.concat([parent, Buffer.from(parent.length === 1 ? '' : '/'), name])
  }
}

/** The flags of open(2); never waits for the other end of a FIFO, which would hold one of the few threads of the relay. */
function systemFlags(flags: number): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC, O_EXCL, O_NONBLOCK, O_NOCTTY } = constants
  const write = (flags & (openFlag.write | openFlag.append)) !== 0
  let system = O_NONBLOCK | O_NOCTTY | (write ? (flags & openFlag.read ? O_RDWR : O_WRONLY) : O_RDONLY)
  if (flags & openFlag.append) system |= O_APPEND
  if (flags & openFlag.create) system |= O_CREAT
  if (flags & openFlag.truncate) system |= O_TRUNC
  if (flags & openFlag.exclusive) system |= O_EXCL
  return system
}

/** What can be set on a file, whether by its path or its handle. */
interface Settable {
  truncate(size: number): Promise<void>
  chmod(mode: number): Promise<void>
  utimes(atime: number, mtime: number): Promise<void>
  chown(uid: number, gid: number): Promise<void>
}

function atPath(path: Buffer): Settable {
  return {
    truncate: (size) => truncate(path, size),
    chmod: (mode) => chmod(path, mode),
    utimes: (atime, mtime) => utimes(path, atime, mtime),
    chown: (uid, gid) => chown(path, uid, gid),
  }
}

/** In OpenSSH's order; the first that fails is the answer. */
async function setAttributes(target: Settable, { size, mode, atime, mtime, uid, gid }: Attributes): Promise<void> {
  if (size !== undefined) await target.truncate(size)
  if (mode !== undefined) await target.chmod(mode & MODE_BITS)
  if (atime !== undefined && mtime !== undefined) await target.utimes(atime, mtime)
  if (uid !== undefined && gid !== undefined) await target.chown(uid, gid)
}

/** RENAME of SFTP 3 does not overwrite; for files a hard link makes that atomic, where the file system has them. */
async function renameToNew(from: Buffer, to: Buffer): Promise<void> {
  if ((await lstat(from)).isFile()) {
    try {
      await link(from, to)
      return await unlink(from)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EOPNOTSUPP' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EPERM' && code !== 'EMLINK')
        throw error
    }
  }
  const taken = await lstat(to).then(
    () => true,
    () => false,
  )
  if (taken) throw new SftpStatus(statusCode.failure, 'file already exists')
  await rename(from, to)
}

const statEntry = promisify(lstatCallback)

/** The next names with their attributes; one that vanished in between is left out, as if it had never been there. */
async function nextEntries(open: OpenDirectory): Promise<{ name: Buffer; stats: Stats }[]> {
  const separator = Buffer.from('/')
  for (;;) {
    const batch = open.dots.splice(0)
    while (batch.length < BATCH) {
      const entry = await open.directory.read()
      if (!entry) break
      // Bytes, since the directory was opened so.
      batch.push(entry.name as unknown as Buffer)
    }
    if (batch.length === 0) return []
    const found = await Promise.all(
      batch.map((name) =>
        statEntry(Buffer.concat([open.path, separator, name])).then(
          (stats) => ({ name, stats }),
          () => undefined,
        ),
      ),
    )
    const entries = found.filter((entry) => entry !== undefined)
    if (entries.length > 0) return entries
  }
}

function attributes(stats: Stats): Reply {
  return { type: packetType.attrs, fields: statFields(stats) }
}

function names(entries: Field[][]): Reply {
  return { type: packetType.name, fields: [entries.length, ...entries.flat()] }
}
