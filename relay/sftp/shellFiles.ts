import { type Duplex, duplexPair } from 'node:stream'
import { Refusal } from '../../shared/failure.ts'
import { permissionsText } from '../../shared/fileInfo.ts'
import type { Attributes } from '../../shared/protocol.ts'
import {
  attributeFields,
  type Field,
  openFlag,
  PACKET_MAX,
  PacketReader,
  PacketSplitter,
  packetType,
  SFTP_VERSION,
  statusCode,
  TRANSFER_MAX,
  writePacket,
} from './packet.ts'
import { extension } from './sftpClient.ts'
import { ShellFailure, ShellHost } from './shellHost.ts'
import type { Exec } from './shellLoop.ts'
import type { ShellEntry } from './shellStat.ts'

/** Files and listings open at once. */
const HANDLES = 64
/** Bytes of one NAME packet, about. */
const NAMES = 64 * 1024
/** Bytes that are given to one shell to write. */
const TOGETHER = 4 * 1024 * 1024
const NAME_MAX = 255

/** A WRITE that waits. */
interface Write {
  offset: number
  data: Buffer
  done(error?: unknown): void
}

interface OpenFile {
  path: Buffer
  write: boolean
  append: boolean
  waiting: Write[]
  /** Writes what waits, one shell after the other; what is asked of the file meanwhile comes after it. */
  writing: Promise<void> | undefined
}

type Handle = { file: OpenFile } | { entries: ShellEntry[] }
type Reply = { type: number; fields: Field[] } | undefined

/**
 * Files by shell commands, as an SFTP 3 server on a stream of bytes within the relay: whatever speaks SFTP can be put on it, and
 * knows no difference. It ends when the shell does.
 * @param patienceMs what the shell may take to begin
 * @param report what went wrong that nobody foresaw
 * @throws Refusal `sftp-refused` where the host has no shell that will do
 */
export async function openShellFiles(
  exec: Exec,
  patienceMs: number,
  report: (error: unknown) => void,
): Promise<Duplex> {
  const host = await ShellHost.open(exec, patienceMs)
  const [near, far] = duplexPair()
  host.onEnd = () => far.destroy()
  far.on('error', () => undefined)
  far.on('close', () => {
    host.close()
    near.destroy()
  })
  // A pair does not tell the one that the other was destroyed.
  near.on('close', () => far.destroy())
  new ShellFiles(host, far, report).serve()
  return near
}

class ShellFiles {
  readonly #host: ShellHost
  readonly #stream: Duplex
  readonly #report: (error: unknown) => void
  readonly #handles = new Map<string, Handle>()
  #nextHandle = 0

  constructor(host: ShellHost, stream: Duplex, report: (error: unknown) => void) {
    this.#host = host
    this.#stream = stream
    this.#report = report
  }

  serve(): void {
    const splitter = new PacketSplitter()
    this.#stream.on('data', (bytes: Buffer) => {
      try {
        for (const packet of splitter.push(bytes)) this.#take(new PacketReader(packet))
      } catch (error) {
        this.#fail(error)
      }
    })
  }

  #take(packet: PacketReader): void {
    if (packet.type === packetType.init) {
      this.#send(packetType.version, [SFTP_VERSION, ...[...extensions].flat()])
      return
    }
    const id = packet.u32()
    this.#answer(packet).then(
      (reply) => {
        if (reply) this.#send(reply.type, [id, ...reply.fields])
        else this.#send(packetType.status, [id, statusCode.ok, '', ''])
      },
      (error: unknown) => {
        if (error instanceof ShellFailure) return this.#send(packetType.status, [id, error.code, error.message, ''])
        this.#fail(error)
      },
    )
  }

  /** The end of the stream says that the shell is gone; anything but that is a bug. */
  #fail(error: unknown): void {
    if (!(error instanceof Refusal)) this.#report(error)
    this.#stream.destroy()
  }

  #send(type: number, fields: Field[]): void {
    if (!this.#stream.destroyed) this.#stream.write(writePacket(type, fields))
  }

  async #answer(packet: PacketReader): Promise<Reply> {
    const host = this.#host
    switch (packet.type) {
      case packetType.realpath: {
        const path = await host.realpath(packet.path())
        return { type: packetType.name, fields: [1, path, path, 0] }
      }
      case packetType.stat:
        return found(await host.stat(packet.path(), true))
      case packetType.lstat:
        return found(await host.stat(packet.path(), false))
      case packetType.fstat: {
        const file = this.#file(packet)
        await file.writing
        return found(await host.stat(file.path, true))
      }
      case packetType.setstat:
        return await done(host.set(packet.path(), packet.attributes(), true))
      case packetType.fsetstat: {
        const file = this.#file(packet)
        await file.writing
        return await done(host.set(file.path, packet.attributes(), true))
      }
      case packetType.opendir:
        return this.#keep({ entries: await host.list(packet.path()) })
      case packetType.readdir:
        return this.#names(packet)
      case packetType.open:
        return await this.#open(packet)
      case packetType.read:
        return await this.#read(packet)
      case packetType.write:
        return await this.#write(packet)
      case packetType.close:
        return await this.#close(packet.bytes().toString('latin1'))
      case packetType.mkdir:
        return await done(host.mkdir(packet.path(), packet.attributes().mode ?? 0o777))
      case packetType.rmdir:
        return await done(host.rmdir(packet.path()))
      case packetType.remove:
        return await done(host.remove(packet.path()))
      case packetType.rename:
        return await done(host.rename(packet.path(), packet.path(), false))
      case packetType.readlink: {
        const target = await host.readlink(packet.path())
        return { type: packetType.name, fields: [1, target, target, 0] }
      }
      case packetType.symlink: {
        // In OpenSSH's order, which all keep.
        const target = packet.path()
        return await done(host.symlink(target, packet.path()))
      }
      case packetType.extended:
        return await this.#extended(packet.bytes().toString('latin1'), packet)
      default:
        throw new ShellFailure(statusCode.opUnsupported, 'Operation unsupported')
    }
  }

  async #extended(name: string, packet: PacketReader): Promise<Reply> {
    switch (name) {
      case extension.posixRename:
        return await done(this.#host.rename(packet.path(), packet.path(), true))
      case extension.hardlink:
        return await done(this.#host.link(packet.path(), packet.path()))
      case extension.lsetstat:
        return await done(this.#host.set(packet.path(), packet.attributes(), false))
      case extension.statvfs: {
        const { total, available } = await this.#host.space(packet.path())
        const [blocks, free] = [BigInt(total / 1024), BigInt(Math.floor(available / 1024))]
        const fields = [1024n, 1024n, blocks, free, free, 0n, 0n, 0n, 0n, 0n, BigInt(NAME_MAX)]
        return { type: packetType.extendedReply, fields }
      }
      case extension.limits: {
        const fields = [PACKET_MAX, TRANSFER_MAX, TRANSFER_MAX, HANDLES].map(BigInt)
        return { type: packetType.extendedReply, fields }
      }
      default:
        throw new ShellFailure(statusCode.opUnsupported, 'Operation unsupported')
    }
  }

  async #open(packet: PacketReader): Promise<Reply> {
    const path = Buffer.from(packet.path())
    const flags = packet.u32()
    const append = (flags & openFlag.append) !== 0
    const write = append || (flags & openFlag.write) !== 0
    await this.#host.open(path, {
      write,
      create: (flags & openFlag.create) !== 0,
      truncate: (flags & openFlag.truncate) !== 0,
      exclusive: (flags & openFlag.exclusive) !== 0,
      mode: packet.attributes().mode ?? 0o666,
    })
    return this.#keep({ file: { path, write, append, waiting: [], writing: undefined } })
  }

  #keep(handle: Handle): Reply {
    if (this.#handles.size >= HANDLES) throw new ShellFailure(statusCode.failure, 'Too many open files')
    this.#nextHandle += 1
    const name = String(this.#nextHandle)
    this.#handles.set(name, handle)
    return { type: packetType.handle, fields: [name] }
  }

  #file(packet: PacketReader): OpenFile {
    const handle = this.#handles.get(packet.bytes().toString('latin1'))
    if (!handle || !('file' in handle)) throw new ShellFailure(statusCode.failure, 'No such handle')
    return handle.file
  }

  async #read(packet: PacketReader): Promise<Reply> {
    const file = this.#file(packet)
    const offset = packet.u64()
    const length = Math.min(packet.u32(), TRANSFER_MAX)
    await file.writing
    const data = await this.#host.read(file.path, offset, length)
    if (data.length === 0) throw new ShellFailure(statusCode.eof, 'End of file')
    return { type: packetType.data, fields: [data] }
  }

  async #write(packet: PacketReader): Promise<Reply> {
    const file = this.#file(packet)
    if (!file.write) throw new ShellFailure(statusCode.permissionDenied, 'Permission denied')
    const offset = packet.u64()
    const data = Buffer.from(packet.bytes())
    await new Promise<void>((resolve, reject) => {
      file.waiting.push({ offset, data, done: (error) => (error === undefined ? resolve() : reject(error)) })
      file.writing ??= this.#pour(file).finally(() => {
        file.writing = undefined
      })
    })
    return undefined
  }

  /** What lies behind each other goes into one shell. */
  async #pour(file: OpenFile): Promise<void> {
    for (let [first] = file.waiting; first; [first] = file.waiting) {
      let bytes = 0
      let count = 0
      for (const { offset, data } of file.waiting) {
        if (count > 0 && ((!file.append && offset !== first.offset + bytes) || bytes + data.length > TOGETHER)) break
        bytes += data.length
        count += 1
      }
      const run = file.waiting.splice(0, count)
      const error = await this.#host
        .write(file.path, file.append ? undefined : first.offset, Buffer.concat(run.map(({ data }) => data)))
        .then(
          () => undefined,
          (reason: unknown) => reason,
        )
      for (const { done } of run) done(error)
    }
  }

  async #close(name: string): Promise<Reply> {
    const handle = this.#handles.get(name)
    if (!handle) throw new ShellFailure(statusCode.failure, 'No such handle')
    this.#handles.delete(name)
    if ('file' in handle) await handle.file.writing
    return undefined
  }

  #names(packet: PacketReader): Reply {
    const handle = this.#handles.get(packet.bytes().toString('latin1'))
    if (!handle || !('entries' in handle)) throw new ShellFailure(statusCode.failure, 'No such handle')
    const fields: Field[] = []
    let bytes = 0
    let count = 0
    for (const entry of handle.entries) {
      if (bytes > NAMES) break
      fields.push(entry.name, longName(entry), ...attributeFields(entry.attributes))
      bytes += 2 * entry.name.length + 128
      count += 1
    }
    if (count === 0) throw new ShellFailure(statusCode.eof, 'End of directory')
    handle.entries = handle.entries.slice(count)
    return { type: packetType.name, fields: [count, ...fields] }
  }
}

/** What the commands of a shell can do of what OpenSSH adds to SFTP, with the versions. */
const extensions: ReadonlyMap<string, string> = new Map([
  [extension.posixRename, '1'],
  [extension.statvfs, '2'],
  [extension.hardlink, '1'],
  [extension.lsetstat, '1'],
  [extension.limits, '1'],
])

async function done(work: Promise<void>): Promise<undefined> {
  await work
  return undefined
}

function found(attributes: Attributes): Reply {
  return { type: packetType.attrs, fields: attributeFields(attributes) }
}

/** The beginning of what `ls -l` prints, which is read for the names of owner and group. */
function longName({ name, attributes, links, owner, group }: ShellEntry): Buffer {
  const word = (text: string, otherwise = 0) => text.replace(/\s/g, '_') || String(otherwise)
  const parts = [
    permissionsText(attributes.mode ?? 0),
    String(links),
    word(owner, attributes.uid),
    word(group, attributes.gid),
  ]
  return Buffer.concat([Buffer.from(`${parts.join(' ')} ${attributes.size} Jan  1  1970 `, 'latin1'), name])
}
