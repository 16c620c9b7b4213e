import { link, rename, statfs } from 'node:fs/promises'
import { PACKET_MAX, type PacketReader, packetType, TRANSFER_MAX } from './sftpPacket.ts'
import { absolute, type Conversation, canonical, type Reply, type Request } from './sftpRequests.ts'

/** Longest name that the file systems of today have, in bytes; Node does not tell it. */
const NAME_MAX = 255

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

/** What Node does not tell is left at 0: the file system's id and its mount flags. */
async function space(path: Buffer): Promise<Reply> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path, { bigint: true })
  return {
    type: packetType.extendedReply,
    fields: [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree, 0n, 0n, BigInt(NAME_MAX)],
  }
}
