import type { Attributes } from '../../shared/protocol.ts'

/** Largest packet in either direction, in bytes without its length field, as OpenSSH has it. */
export const PACKET_MAX = 256 * 1024
/** Most bytes of file in one READ or WRITE, as OpenSSH grants them. */
export const TRANSFER_MAX = PACKET_MAX - 1024

/** Packet types (draft-ietf-secsh-filexfer-02 §3). */
export const packetType = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 200,
  extendedReply: 201,
} as const

/** Flags of OPEN (draft §6.3). */
export const openFlag = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const

/** Status codes (draft §7). */
export const statusCode = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  opUnsupported: 8,
  /** Of later versions (-13 §9.1), which some servers give already. */
  noSuchPath: 10,
} as const

/** The only version spoken. */
export const SFTP_VERSION = 3

/** Which fields of ATTRS are present (draft §5). */
const attributeFlag = { size: 1, owner: 2, permissions: 4, times: 8, extended: 0x80000000 } as const

/** A packet that says less than its type needs, or more than a number here can hold. */
export class MalformedPacket extends Error {}

/** Cuts a stream of bytes into packets: type byte and payload, without the length. */
export class PacketSplitter {
  readonly #length = Buffer.alloc(4)
  #have = 0
  #packet: Buffer | undefined;

  /**
   * The packets that end within these bytes.
   * @throws MalformedPacket if a length is 0 or above `PACKET_MAX`; the stream cannot be read on
   */
  *push(bytes: Buffer): Generator<Buffer> {
    let at = 0
    while (at < bytes.length) {
      if (!this.#packet) {
        const taken = bytes.copy(this.#length, this.#have, at)
        at += taken
        this.#have += taken
        if (this.#have < 4) return
        const length = this.#length.readUInt32BE()
        if (length === 0 || length > PACKET_MAX) throw new MalformedPacket(`packet of ${length} bytes`)
        this.#packet = Buffer.allocUnsafe(length)
        this.#have = 0
        continue
      }
      const taken = bytes.copy(this.#packet, this.#have, at)
      at += taken
      this.#have += taken
      if (this.#have < this.#packet.length) return
      const packet = this.#packet
      this.#packet = undefined
      this.#have = 0
      yield packet
    }
  }
}

/** Reads the fields of one packet in their order; each throws `MalformedPacket` where the packet ends too soon. */
export class PacketReader {
  readonly #bytes: Buffer
  #at = 1

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get type(): number {
    return this.#bytes[0] ?? 0
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  /** Bytes that have not been read. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** An offset or size; beyond 2^53 − 1 it is malformed, since no file is that large. */
  u64(): number {
    const value = this.count()
    if (value > Number.MAX_SAFE_INTEGER) throw new MalformedPacket('number beyond 2^53')
    return value
  }

  /** A count that may be beyond 2^53, where its last digits are lost. */
  count(): number {
    return Number(this.#bytes.readBigUInt64BE(this.#take(8)))
  }

  /** A view into the packet. */
  bytes(): Buffer {
    const length = this.u32()
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** A path as the file system has it: bytes, of which none is NUL. */
  path(): Buffer {
    const path = this.bytes()
    if (path.includes(0)) throw new MalformedPacket('NUL in a path')
    return path
  }

  /** ATTRS; of a size beyond 2^53 − 1, which a file with holes may have, that is said. */
  attributes(): Attributes {
    const flags = this.u32()
    const attributes: Attributes = {}
    if (flags & attributeFlag.size) attributes.size = Math.min(this.count(), Number.MAX_SAFE_INTEGER)
    if (flags & attributeFlag.owner) {
      attributes.uid = this.u32()
      attributes.gid = this.u32()
    }
    if (flags & attributeFlag.permissions) attributes.mode = this.u32()
    if (flags & attributeFlag.times) {
      attributes.atime = this.u32()
      attributes.mtime = this.u32()
    }
    if (flags & attributeFlag.extended) for (let pairs = this.u32(); pairs > 0; pairs--) this.#skipPair()
    return attributes
  }

  #skipPair(): void {
    this.bytes()
    this.bytes()
  }

  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#bytes.length) throw new MalformedPacket('packet ends too soon')
    this.#at = start + length
    return start
  }
}

/** Field values of a packet to be written: a number is a uint32, a bigint a uint64, bytes and text a string of SSH. */
export type Field = number | bigint | Uint8Array | string

/** The fields of ATTRS for what is given. */
export function attributeFields({ size, mode, uid, gid, atime, mtime }: Attributes): Field[] {
  const fields: Field[] = [0]
  let flags = 0
  if (size !== undefined) {
    flags |= attributeFlag.size
    fields.push(BigInt(size))
  }
  if (uid !== undefined && gid !== undefined) {
    flags |= attributeFlag.owner
    fields.push(uid, gid)
  }
  if (mode !== undefined) {
    flags |= attributeFlag.permissions
    fields.push(mode)
  }
  if (atime !== undefined && mtime !== undefined) {
    flags |= attributeFlag.times
    fields.push(atime, mtime)
  }
  fields[0] = flags
  return fields
}

/**
 * One packet with its length, ready to be sent.
 * @param behind bytes that belong to it and are sent after it
 */
export function writePacket(type: number, fields: readonly Field[], behind = 0): Buffer {
  let length = 1
  for (const field of fields) length += fieldLength(field)
  const packet = Buffer.allocUnsafe(4 + length)
  packet.writeUInt32BE(length + behind, 0)
  packet[4] = type
  let at = 5
  for (const field of fields) {
    if (typeof field === 'number') at = packet.writeUInt32BE(field, at)
    else if (typeof field === 'bigint') at = packet.writeBigUInt64BE(field, at)
    else {
      const start = packet.writeUInt32BE(typeof field === 'string' ? Buffer.byteLength(field) : field.length, at)
      if (typeof field === 'string') at = start + packet.write(field, start)
      else {
        packet.set(field, start)
        at = start + field.length
      }
    }
  }
  return packet
}

function fieldLength(field: Field): number {
  if (typeof field === 'number') return 4
  if (typeof field === 'bigint') return 8
  return 4 + (typeof field === 'string' ? Buffer.byteLength(field) : field.length)
}
