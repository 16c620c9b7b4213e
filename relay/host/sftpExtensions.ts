import { access, constants, type FileHandle, lchown, link, lutimes, rename, statfs } from 'node:fs/promises'
import type { Attributes } from '../../shared/protocol.ts'
import { PACKET_MAX, type PacketReader, packetType, statusCode, TRANSFER_MAX } from '../sftp/packet.ts'
import { absolute, type Conversation, canonical, type Reply, type Request } from './sftpRequests.ts'
import { SftpStatus } from './sftpStatus.ts'

/** Longest name that the file systems of today have, in bytes; Node does not tell it. */
const NAME_MAX = 255
/** ST_RDONLY of statvfs(3). */
const READ_ONLY = 1n
/** Bytes that `copy-data` has in memory. */
const COPIED = 256 * 1024

/** OpenSSH's extensions that the host has (OpenSSH's PROTOCOL §4), by name, with the version it announces. */
export const extensions: ReadonlyMap<string, { version: string; run: Request }> = new Map([
  [
    'posix-rename@openssh.com',
    {
      version: '1',
      run: async (packet: PacketReader, { home }: Conversation): Promise<Reply> => {
        await rename(absolute(packet.path(), home), absolute(packet.path(), home))
        return undefined
      },
    },
  ],
  [
    'statvfs@openssh.com',
    { version: '2', run: (packet: PacketReader, { home }: Conversation) => space(absolute(packet.path(), home)) },
  ],
  [
    'fstatvfs@openssh.com',
    { version: '2', run: (packet: PacketReader, { handles }: Conversation) => space(handles.get(packet.bytes()).path) },
  ],
  [
    'hardlink@openssh.com',
    {
      version: '1',
      run: async (packet: PacketReader, { home }: Conversation): Promise<Reply> => {
        await link(absolute(packet.path(), home), absolute(packet.path(), home))
        return undefined
      },
    },
  ],
  [
    'fsync@openssh.com',
    {
      version: '1',
      run: async (packet: PacketReader, { handles }: Conversation): Promise<Reply> => {
        await handles.file(packet.bytes()).file.sync()
        return undefined
      },
    },
  ],
  [
    'lsetstat@openssh.com',
    {
      version: '1',
      run: async (packet: PacketReader, { home }: Conversation): Promise<Reply> => {
        await setLinkAttributes(absolute(packet.path(), home), packet.attributes())
        return undefined
      },
    },
  ],
  [
    'copy-data',
    {
      version: '1',
      run: async (packet: PacketReader, { handles }: Conversation): Promise<Reply> => {
        const from = handles.file(packet.bytes())
        const [offset, length] = [packet.u64(), packet.u64()]
        const to = handles.file(packet.bytes())
        // As with OpenSSH: into itself it would depend on what comes first.
        if (from.path.equals(to.path)) throw new SftpStatus(statusCode.failure, 'a file is not copied into itself')
        await copy(from.file, offset, length, to.file, packet.u64())
        return undefined
      },
    },
  ],
  [
    'limits@openssh.com',
    {
      version: '1',
      run: async (_packet: PacketReader, { handles }: Conversation): Promise<Reply> => ({
        type: packetType.extendedReply,
        fields: [BigInt(PACKET_MAX), BigInt(TRANSFER_MAX), BigInt(TRANSFER_MAX), BigInt(handles.max)],
      }),
    },
  ],
  [
    'expand-path@openssh.com',
    {
      version: '1',
      run: async (packet: PacketReader, { home }: Conversation): Promise<Reply> => {
        const path = await canonical(absolute(withoutTilde(packet.path()), home))
        return { type: packetType.name, fields: [1, path, path, 0] }
      },
    },
  ],
])

/** `~` and `~/x` are home; another user's home is that user's business. */
function withoutTilde(path: Buffer): Buffer {
  const text = path.toString('latin1')
  return text === '~' || text.startsWith('~/') ? path.subarray(2) : path
}

/** Times and owner of a link itself; its size and mode cannot be set. */
async function setLinkAttributes(path: Buffer, { size, mode, atime, mtime, uid, gid }: Attributes): Promise<void> {
  if (size !== undefined || mode !== undefined) throw new SftpStatus(statusCode.opUnsupported, 'not of a link')
  if (atime !== undefined && mtime !== undefined) await lutimes(path, atime, mtime)
  if (uid !== undefined && gid !== undefined) await lchown(path, uid, gid)
}

/** @param length 0 copies to the end of the file */
async function copy(from: FileHandle, offset: number, length: number, to: FileHandle, toOffset: number): Promise<void> {
  const piece = Buffer.allocUnsafe(COPIED)
  const all = length === 0
  for (let done = 0; all || done < length; ) {
    const { bytesRead } = await from.read(piece, 0, all ? COPIED : Math.min(COPIED, length - done), offset + done)
    if (bytesRead === 0 && all) return
    if (bytesRead === 0) throw new SftpStatus(statusCode.eof, 'end of file')
    for (let written = 0; written < bytesRead; )
      written += (await to.write(piece, written, bytesRead - written, toOffset + done + written)).bytesWritten
    done += bytesRead
  }
}

/** Whether nothing can be written there, whoever asks. */
async function readOnly(path: Buffer): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'EROFS',
  )
}

/** What Node does not tell is left at 0: the file system's id and most of its mount flags. */
async function space(path: Buffer): Promise<Reply> {
  const flags = (await readOnly(path)) ? READ_ONLY : 0n
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path, { bigint: true })
  return {
    type: packetType.extendedReply,
    fields: [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree, 0n, flags, BigInt(NAME_MAX)],
  }
}
