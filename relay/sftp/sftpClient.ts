import type { Duplex } from 'node:stream'
import { Refusal } from '../../shared/failure.ts'
import { decodeName, encodeName } from '../../shared/fileName.ts'
import { type Attributes, bounds } from '../../shared/protocol.ts'
import { attributeFields, type Field, MalformedPacket, openFlag, packetType } from './packet.ts'
import { expectOk, expectReply, isEnd, isMissing } from './replies.ts'
import { Requests, type RequestsOptions } from './requests.ts'

/** Bytes of one READ or WRITE where the server does not say what it takes: fits into the packets that all must take. */
const TRANSFER_SURE = 32_000
/** Bytes of a packet around the file's own. */
const PACKET_SLACK = 1024
/** Bytes of a handle (draft-ietf-secsh-filexfer-02 §6.2). */
const HANDLE_MAX = 256
/** Numbers of a reply to `statvfs@openssh.com`. */
const STATVFS_FIELDS = 11

/** The extensions of OpenSSH that are used (its PROTOCOL §4), and one of the drafts (-filexfer-extensions-00 §7). */
export const extension = {
  posixRename: 'posix-rename@openssh.com',
  statvfs: 'statvfs@openssh.com',
  hardlink: 'hardlink@openssh.com',
  fsync: 'fsync@openssh.com',
  limits: 'limits@openssh.com',
  lsetstat: 'lsetstat@openssh.com',
  copyData: 'copy-data',
} as const

/** One entry of a READDIR: name and long name as bytes. */
export interface Entry {
  name: Buffer
  longName: Buffer
  attributes: Attributes
}

/** The space of a file system (statvfs(3)), in bytes and counts. */
export interface Space {
  total: number
  available: number
  files: number
  filesAvailable: number
  readOnly: boolean
  nameMax: number
}

/** How a file is opened (draft §6.3). */
export type OpenFlags = Partial<Record<keyof typeof openFlag, boolean>>

/** What becomes of a conversation, and what is known of its server. */
export interface SftpClientOptions extends RequestsOptions {
  /** The server takes a new link before what it says, as the draft has it (§6.10), and not in OpenSSH's order. */
  linkFirst?: boolean
}

/**
 * The client's side of SFTP 3 (draft-ietf-secsh-filexfer-02) on any stream of bytes: each method is one request. Names are
 * those of `fileName.ts`. @throws Refusal with SFTP's own reason; `bad-reply` from a server that breaks the protocol
 */
export class SftpClient {
  readonly #requests: Requests
  readonly #linkFirst: boolean
  readonly #extensions: ReadonlyMap<string, string>
  #limits = { read: TRANSFER_SURE, write: TRANSFER_SURE, handles: Number.POSITIVE_INFINITY }
  #home = ''

  private constructor(requests: Requests, extensions: ReadonlyMap<string, string>, linkFirst: boolean) {
    this.#requests = requests
    this.#extensions = extensions
    this.#linkFirst = linkFirst
  }

  /**
   * Begins a conversation; asks where it begins and for the server's limits. The stream is destroyed where that fails.
   * @throws Refusal `sftp-refused` where no SFTP server answers
   */
  static async open(stream: Duplex, { stallMs, over, linkFirst = false }: SftpClientOptions): Promise<SftpClient> {
    let open = false
    const requests = new Requests(stream, { stallMs, over: (reason) => open && over(reason) })
    try {
      const client = new SftpClient(requests, await requests.greet().catch(strange), linkFirst)
      const limits = client.#extensions.has(extension.limits) ? client.#askLimits() : undefined
      ;[client.#home] = await Promise.all([client.realpath('.'), limits])
      open = true
      return client
    } catch (error) {
      requests.close(error instanceof Refusal ? error : new Refusal('internal'))
      throw error
    }
  }

  /** The absolute path of the directory in which it begins. */
  get home(): string {
    return this.#home
  }

  /** What the server can do beyond SFTP 3, by name, with the version or data that it says. */
  get extensions(): ReadonlyMap<string, string> {
    return this.#extensions
  }

  /** Bytes of one `read` and one `write`, and files open at once. */
  get limits(): Readonly<{ read: number; write: number; handles: number }> {
    return this.#limits
  }

  /** Requests that the server owes an answer. */
  get pending(): number {
    return this.#requests.size
  }

  /** Ends the conversation; what is on its way is refused with the reason. */
  close(reason: Refusal): void {
    this.#requests.close(reason)
  }

  async realpath(path: string): Promise<string> {
    return decodeName(await this.#name(packetType.realpath, path))
  }

  async readlink(path: string): Promise<string> {
    return decodeName(await this.#name(packetType.readlink, path))
  }

  stat(path: string): Promise<Attributes> {
    return this.#attributes(packetType.stat, encodeName(path))
  }

  lstat(path: string): Promise<Attributes> {
    return this.#attributes(packetType.lstat, encodeName(path))
  }

  /** What is at a path, a link being a link; undefined for nothing. */
  find(path: string): Promise<Attributes | undefined> {
    return this.#requests.send(packetType.lstat, [encodeName(path)], (packet) => {
      if (isMissing(packet)) return undefined
      expectReply(packet, packetType.attrs)
      return packet.attributes()
    })
  }

  fstat(handle: Buffer): Promise<Attributes> {
    return this.#attributes(packetType.fstat, handle)
  }

  setstat(path: string, attributes: Attributes): Promise<void> {
    return this.#done(packetType.setstat, [encodeName(path), ...attributeFields(attributes)])
  }

  fsetstat(handle: Buffer, attributes: Attributes): Promise<void> {
    return this.#done(packetType.fsetstat, [handle, ...attributeFields(attributes)])
  }

  /** Of a link itself. @throws Refusal `sftp-unsupported` */
  lsetstat(path: string, attributes: Attributes): Promise<void> {
    return this.#extended(extension.lsetstat, [encodeName(path), ...attributeFields(attributes)])
  }

  /** Opens a file; the handle is the server's. */
  open(path: string, flags: OpenFlags, mode?: number): Promise<Buffer> {
    let bits = 0
    for (const [name, bit] of Object.entries(openFlag)) if (flags[name as keyof OpenFlags]) bits |= bit
    return this.#handle(packetType.open, [
      encodeName(path),
      bits,
      ...attributeFields(mode === undefined ? {} : { mode }),
    ])
  }

  opendir(path: string): Promise<Buffer> {
    return this.#handle(packetType.opendir, [encodeName(path)])
  }

  closeHandle(handle: Buffer): Promise<void> {
    return this.#done(packetType.close, [handle])
  }

  /** At most `limits.read` bytes; fewer where the server gives fewer, none at the end of the file. */
  read(handle: Buffer, offset: number, length: number): Promise<Buffer> {
    const most = Math.min(length, this.#limits.read)
    return this.#requests.send(packetType.read, [handle, BigInt(offset), most], (packet) => {
      if (isEnd(packet)) return Buffer.alloc(0)
      expectReply(packet, packetType.data)
      const data = packet.bytes()
      if (data.length > most) throw new MalformedPacket('more than was asked for')
      return data
    })
  }

  /** At most `limits.write` bytes. */
  write(handle: Buffer, offset: number, data: Uint8Array): Promise<void> {
    return this.#done(packetType.write, [handle, BigInt(offset), data], true)
  }

  /** The next entries of a directory as the server gives them; undefined at its end. */
  readdir(handle: Buffer): Promise<Entry[] | undefined> {
    return this.#requests.send(
      packetType.readdir,
      [handle],
      (packet) => {
        if (isEnd(packet)) return undefined
        expectReply(packet, packetType.name)
        const entries: Entry[] = []
        for (let count = packet.u32(); count > 0; count--) {
          entries.push({ name: packet.bytes(), longName: packet.bytes(), attributes: packet.attributes() })
        }
        return entries.length > 0 ? entries : undefined
      },
      true,
    )
  }

  mkdir(path: string, mode?: number): Promise<void> {
    return this.#done(packetType.mkdir, [encodeName(path), ...attributeFields(mode === undefined ? {} : { mode })])
  }

  rmdir(path: string): Promise<void> {
    return this.#done(packetType.rmdir, [encodeName(path)])
  }

  remove(path: string): Promise<void> {
    return this.#done(packetType.remove, [encodeName(path)], true)
  }

  /** Which does not replace what is there: not everywhere, since SFTP 3 leaves it open. */
  rename(from: string, to: string): Promise<void> {
    return this.#done(packetType.rename, [encodeName(from), encodeName(to)])
  }

  /** Which replaces in one step. @throws Refusal `sftp-unsupported` */
  posixRename(from: string, to: string): Promise<void> {
    return this.#extended(extension.posixRename, [encodeName(from), encodeName(to)])
  }

  /** Makes `path` a link that says `target`. */
  symlink(path: string, target: string): Promise<void> {
    const fields = [encodeName(target), encodeName(path)]
    return this.#done(packetType.symlink, this.#linkFirst ? fields.toReversed() : fields)
  }

  /** @throws Refusal `sftp-unsupported` */
  hardlink(from: string, to: string): Promise<void> {
    return this.#extended(extension.hardlink, [encodeName(from), encodeName(to)])
  }

  /** @throws Refusal `sftp-unsupported` */
  fsync(handle: Buffer): Promise<void> {
    return this.#extended(extension.fsync, [handle])
  }

  /** Within the server; `length` must be there, and not 0. @throws Refusal `sftp-unsupported` */
  copyData(from: Buffer, offset: number, length: number, to: Buffer, toOffset: number): Promise<void> {
    return this.#extended(extension.copyData, [from, BigInt(offset), BigInt(length), to, BigInt(toOffset)])
  }

  /** @throws Refusal `sftp-unsupported` */
  async statvfs(path: string): Promise<Space> {
    this.#needs(extension.statvfs)
    return this.#requests.send(
      packetType.extended,
      [extension.statvfs, encodeName(path)],
      (packet) => {
        expectReply(packet, packetType.extendedReply)
        const [, unit = 0, blocks = 0, , available = 0, files = 0, , filesAvailable = 0, , flags = 0, nameMax = 0] =
          Array.from({ length: STATVFS_FIELDS }, () => packet.count())
        return {
          total: blocks * unit,
          available: available * unit,
          files,
          filesAvailable,
          readOnly: flags % 2 === 1,
          nameMax,
        }
      },
      true,
    )
  }

  async #askLimits(): Promise<void> {
    const asked = this.#requests.send(packetType.extended, [extension.limits], (packet) => {
      expectReply(packet, packetType.extendedReply)
      return { packet: packet.count(), read: packet.count(), write: packet.count(), handles: packet.count() }
    })
    // Where it announces them and does not tell, what is sure stays; where it is over, all else fails as well.
    const most = await asked.catch(() => undefined)
    if (!most) return
    // 0 means that the server sets no limit, or does not say.
    const bytes = (limit: number) =>
      Math.max(
        1,
        Math.min(limit || TRANSFER_SURE, (most.packet || Number.POSITIVE_INFINITY) - PACKET_SLACK, bounds.fileData),
      )
    this.#limits = {
      read: bytes(most.read),
      write: bytes(most.write),
      handles: most.handles || Number.POSITIVE_INFINITY,
    }
  }

  /** A request that is answered by STATUS alone. */
  #done(type: number, fields: Field[], slow?: boolean): Promise<void> {
    return this.#requests.send(type, fields, expectOk, slow)
  }

  async #extended(name: string, fields: Field[]): Promise<void> {
    this.#needs(name)
    return this.#done(packetType.extended, [name, ...fields], true)
  }

  #needs(name: string): void {
    if (!this.#extensions.has(name)) throw new Refusal('sftp-unsupported', { phase: 'files' })
  }

  #handle(type: number, fields: Field[]): Promise<Buffer> {
    return this.#requests.send(type, fields, (packet) => {
      expectReply(packet, packetType.handle)
      const handle = packet.bytes()
      if (handle.length > HANDLE_MAX) throw new MalformedPacket('handle too long')
      // Its own, since the packet may be a large one.
      return Buffer.from(handle)
    })
  }

  #attributes(type: number, of: Uint8Array): Promise<Attributes> {
    return this.#requests.send(type, [of], (packet) => {
      expectReply(packet, packetType.attrs)
      return packet.attributes()
    })
  }

  #name(type: number, path: string): Promise<Buffer> {
    return this.#requests.send(type, [encodeName(path)], (packet) => {
      expectReply(packet, packetType.name)
      if (packet.u32() !== 1) throw new MalformedPacket('one name expected')
      const name = packet.path()
      if (name.length === 0) throw new MalformedPacket('an empty name')
      return name
    })
  }
}

/** What a stream says that begins with anything but VERSION 3. */
function strange(error: unknown): never {
  const text = 'What answers is no SFTP server: a start-up file there may print something'
  const detail = error instanceof Refusal && error.code === 'bad-reply' ? { detail: text } : {}
  throw new Refusal('sftp-refused', { phase: 'files', cause: error, ...detail })
}
