import { duplexPair } from 'node:stream'
import { PacketSplitter, packetType, writePacket } from '../../relay/sftp/packet.ts'
import { SftpClient, type SftpClientOptions } from '../../relay/sftp/sftpClient.ts'
import type { Refusal } from '../../shared/failure.ts'

/** A request as a scripted server gets it. */
export interface Asked {
  type: number
  id: number
  /** What follows the id. */
  body: Buffer
}

/** An SFTP server without SSH, that says what the test says. */
export interface ScriptedSftp {
  client: SftpClient
  /** Why the conversation is over, if it is and the client did not end it. */
  readonly over: Refusal | undefined
  /** All requests but INIT so far. */
  readonly asked: readonly Asked[]
  /** How many packets ended in each piece of the stream so far, INIT included. */
  readonly pieces: readonly number[]
  /** Sends bytes that nobody asked for. */
  send(bytes: Buffer): void
}

/** What a server gives for every request until told otherwise: its home, and nothing else. */
function ordinary({ type, id }: Asked): Buffer {
  if (type === packetType.realpath) return writePacket(packetType.name, [id, 1, '/home', '', 0])
  return writePacket(packetType.status, [id, 8, 'not scripted', ''])
}

/**
 * Opens a conversation with a server that answers as the script says; what it answers nothing to is answered as usual, and with an empty
 * buffer not at all.
 */
export async function scriptedSftp(
  script: (asked: Asked) => Buffer | undefined = () => undefined,
  {
    version = writePacket(packetType.version, [3]),
    ...options
  }: Partial<SftpClientOptions> & { version?: Buffer } = {},
): Promise<ScriptedSftp> {
  const [ours, theirs] = duplexPair()
  const splitter = new PacketSplitter()
  const all: Asked[] = []
  const pieces: number[] = []
  let ended: Refusal | undefined
  theirs.on('error', () => undefined)
  theirs.on('data', (bytes: Buffer) => {
    const packets = [...splitter.push(bytes)]
    pieces.push(packets.length)
    for (const packet of packets) {
      if (packet[0] === packetType.init) {
        theirs.write(version)
        continue
      }
      const asked = { type: packet[0] ?? 0, id: packet.readUInt32BE(1), body: packet.subarray(5) }
      all.push(asked)
      const reply = script(asked) ?? ordinary(asked)
      if (reply.length > 0) theirs.write(reply)
    }
  })
  const client = await SftpClient.open(ours, {
    stallMs: 10_000,
    over: (reason) => {
      ended = reason
    },
    ...options,
  })
  return {
    client,
    get over() {
      return ended
    },
    asked: all,
    pieces,
    send: (bytes) => {
      theirs.write(bytes)
    },
  }
}
