import type { ServerChannel } from 'ssh2'
import {
  MalformedPacket,
  PacketReader,
  PacketSplitter,
  packetType,
  SFTP_VERSION,
  statusCode,
  writePacket,
} from '../sftp/packet.ts'
import { Accounts } from './accounts.ts'
import type { ChannelOutput } from './channelOutput.ts'
import { extensions } from './sftpExtensions.ts'
import { SftpHandles } from './sftpHandles.ts'
import { type Conversation, type Reply, requests } from './sftpRequests.ts'
import { SftpStatus, statusOf } from './sftpStatus.ts'

/** Where and within which bounds a conversation runs. */
interface SftpSetting {
  /** Where relative paths begin. */
  home: string
  openHandles: number
  symlinkTargetFirst: boolean
  /** Aborted when the client is gone. */
  signal: AbortSignal
}

/** Requests that run at once; more are read only when one has been answered. */
const AT_ONCE = 16

/** Bytes of replies that may wait for the client before the next request is read. */
const WAITING_MAX = 1024 * 1024

/** Requests that change nothing: they may overtake each other. Everything else runs alone and in order, so that each sees what those before it did. */
const harmless = new Set<number>([
  packetType.read,
  packetType.stat,
  packetType.lstat,
  packetType.fstat,
  packetType.readlink,
  packetType.realpath,
])

/**
 * Speaks SFTP 3 (draft-ietf-secsh-filexfer-02) on a channel until the client ends it. ssh2's own SFTP server is not
 * used: it announces no extensions, turns file names into text, and holds neither requests nor replies back.
 * @throws MalformedPacket if the client's bytes are no packets; the conversation cannot go on
 */
export async function serveSftp(channel: ServerChannel, output: ChannelOutput, setting: SftpSetting): Promise<void> {
  const conversation: Conversation = {
    handles: new SftpHandles(setting.openHandles),
    accounts: new Accounts(),
    home: Buffer.from(setting.home),
    symlinkTargetFirst: setting.symlinkTargetFirst,
  }
  const splitter = new PacketSplitter()
  const running = new Set<Promise<void>>()
  let greeted = false
  try {
    for await (const bytes of channel.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (const bytesOfPacket of splitter.push(bytes)) {
        if (setting.signal.aborted) return
        const packet = new PacketReader(bytesOfPacket)
        if (!greeted) {
          greeted = true
          output.write(greet(packet))
          continue
        }
        await output.below(WAITING_MAX)
        if (running.size >= AT_ONCE) await Promise.race(running)
        if (!harmless.has(packet.type)) await Promise.all(running)
        const turn = answer(packet, conversation).then((reply) => {
          running.delete(turn)
          output.write(reply)
        })
        running.add(turn)
        // A bug, or a packet without an id: it stays among those that run, and ends the conversation below.
        turn.catch(() => channel.destroy())
        if (!harmless.has(packet.type)) await turn
      }
    }
    await Promise.all(running)
  } finally {
    await Promise.allSettled(running)
    await conversation.handles.closeAll()
  }
}

/** VERSION, with the names of the extensions. */
function greet(packet: PacketReader): Buffer {
  if (packet.type !== packetType.init) throw new MalformedPacket('INIT expected')
  packet.u32()
  return writePacket(packetType.version, [
    SFTP_VERSION,
    ...[...extensions].flatMap(([name, { version }]) => [name, version]),
  ])
}

/** The reply to one request. @throws only for a packet without an id, and for a bug */
async function answer(packet: PacketReader, conversation: Conversation): Promise<Buffer> {
  const id = packet.u32()
  try {
    return replyPacket(id, await run(packet, conversation))
  } catch (error) {
    const status = statusOf(error)
    if (!status) throw error
    return statusPacket(id, status.code, status.message)
  }
}

async function run(packet: PacketReader, conversation: Conversation): Promise<Reply> {
  const request =
    packet.type === packetType.extended
      ? extensions.get(packet.bytes().toString('latin1'))?.run
      : requests.get(packet.type)
  if (!request) throw new SftpStatus(statusCode.opUnsupported, 'not supported')
  return await request(packet, conversation)
}

function replyPacket(id: number, reply: Reply): Buffer {
  if (reply === undefined) return statusPacket(id, statusCode.ok, 'success')
  if ('fields' in reply) return writePacket(reply.type, [id, ...reply.fields])
  // DATA was read into its place in the packet: only the header is missing.
  const { data } = reply
  data.writeUInt32BE(data.length - 4, 0)
  data[4] = packetType.data
  data.writeUInt32BE(id, 5)
  data.writeUInt32BE(data.length - 13, 9)
  return data
}

function statusPacket(id: number, code: number, message: string): Buffer {
  return writePacket(packetType.status, [id, code, message, ''])
}
