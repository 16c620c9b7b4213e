import { MalformedPacket, type PacketReader, packetType, SFTP_VERSION, statusCode } from './packet.ts'
import { refusalOf } from './status.ts'

/** Extensions that VERSION may name; what comes after them is not looked at. */
const EXTENSIONS_MAX = 64
/** Characters of the data of one that are kept. */
const DATA_MAX = 256

/** The extensions of VERSION, by name, with their data. @throws MalformedPacket where it is no VERSION 3 */
export function readVersion(packet: PacketReader): ReadonlyMap<string, string> {
  if (packet.type !== packetType.version) throw new MalformedPacket('VERSION expected')
  if (packet.u32() !== SFTP_VERSION) throw new MalformedPacket('another version')
  const extensions = new Map<string, string>()
  while (packet.left > 0 && extensions.size < EXTENSIONS_MAX) {
    const name = packet.bytes().toString('latin1')
    const data = packet.bytes().toString('latin1')
    if (/^[\w@.-]{1,64}$/.test(name)) extensions.set(name, data.slice(0, DATA_MAX))
  }
  return extensions
}

/** A reply that brings something. @throws Refusal where it is a STATUS other than OK, MalformedPacket where it is not of this type */
export function expectReply(packet: PacketReader, type: number): void {
  if (packet.type === type) return
  if (packet.type !== packetType.status) throw new MalformedPacket('another reply expected')
  throw failed(packet.u32(), packet)
}

/** A reply that is a STATUS. @throws Refusal for all but OK, MalformedPacket */
export function expectOk(packet: PacketReader): void {
  if (packet.type !== packetType.status) throw new MalformedPacket('STATUS expected')
  const code = packet.u32()
  if (code !== statusCode.ok) throw failed(code, packet)
}

/** Whether it is a STATUS of the end; others are thrown. @throws Refusal, MalformedPacket */
export function isEnd(packet: PacketReader): boolean {
  return isStatus(packet, [statusCode.eof])
}

/** Whether it is a STATUS of there being nothing at a path; others are thrown. @throws Refusal, MalformedPacket */
export function isMissing(packet: PacketReader): boolean {
  return isStatus(packet, [statusCode.noSuchFile, statusCode.noSuchPath])
}

function isStatus(packet: PacketReader, codes: readonly number[]): boolean {
  if (packet.type !== packetType.status) return false
  const code = packet.u32()
  if (codes.includes(code)) return true
  throw failed(code, packet)
}

/** Old servers leave the message out. */
function failed(code: number, packet: PacketReader): Error {
  if (code === statusCode.ok) return new MalformedPacket('OK without what was asked for')
  return refusalOf(code, packet.left > 0 ? packet.bytes() : new Uint8Array())
}
