import { randomUUID } from 'node:crypto'
import { posix } from 'node:path'
import type { Socket } from 'socket.io'
import { Refusal } from '../../shared/failure.ts'
import { Outflow } from '../outflow.ts'
import type { Peer } from '../session.ts'
import type { Sftp } from '../sftp.ts'
import { CHUNK, type Webssh2Message } from './webssh2Events.ts'
import { closeHandle, Part } from './webssh2Part.ts'
import { Progress } from './webssh2Progress.ts'

/** Files that one client may move at once. */
export const TRANSFERS_MAX = 8
/** Parts of a file that are read ahead. */
const READ_AHEAD = 8
/** Parts that a client may send before the first of them is acknowledged. */
const WAITING_MAX = 16

interface Upload {
  part: Part
  /** Where it goes, as the client has said. */
  path: string
  fileName: string
  size: number
  chunks: number
  /** Parts that wait to be written. */
  waiting: number
  bytes: number
  progress: Progress
  /** The parts are written one after the other. */
  writing: Promise<void>
}

/** A transfer that failed, with the client's name for it. */
export class TransferFailed extends Error {
  readonly of: { transferId: string; path: string }
  constructor(cause: unknown, of: { transferId: string; path: string }) {
    super('transfer failed', { cause })
    this.of = of
  }
}

/** The uploads and downloads of one client of WebSSH2. */
export class Webssh2Transfers {
  readonly #socket: Socket
  readonly #peer: Peer
  /** Bytes that may wait in the socket before a download pauses. */
  readonly #window: number
  readonly #uploads = new Map<string, Upload>()
  readonly #downloads = new Map<string, AbortController>()
  readonly #beginning = new Set<Promise<unknown>>()

  constructor(socket: Socket, peer: Peer, window: number) {
    this.#socket = socket
    this.#peer = peer
    this.#window = window
  }

  /** Begins an upload; an old file stays until the new one is whole. @throws AlreadyThere without `overwrite`, Refusal */
  async startUpload(sftp: Sftp, asked: Webssh2Message<'sftp-upload-start'>, path: string): Promise<void> {
    this.#bound()
    const part = await this.#begun(Part.begin(sftp, path, asked.overwrite))
    const transferId = randomUUID()
    const upload: Upload = {
      part,
      path,
      fileName: asked.fileName,
      size: asked.fileSize,
      chunks: 0,
      waiting: 0,
      bytes: 0,
      progress: new Progress(asked.fileSize),
      writing: Promise.resolve(),
    }
    this.#uploads.set(transferId, upload)
    this.#socket.emit('sftp-upload-ready', { transferId, chunkSize: CHUNK, maxConcurrentChunks: 1 })
    if (upload.size > 0) return
    await this.#guarded(transferId, upload, this.#finish(transferId, upload))
  }

  /** Writes one part; parts come in order. @throws TransferFailed, Refusal `no-session` for a transfer that is not open */
  async chunk(asked: Webssh2Message<'sftp-upload-chunk'>): Promise<void> {
    const { transferId, chunkIndex, isLast } = asked
    const upload = this.#uploads.get(transferId)
    if (!upload) throw new Refusal('no-session', { detail: 'This transfer is not open' })
    const inOrder = upload.chunks === chunkIndex
    upload.chunks += 1
    const data = Buffer.from(asked.data, 'base64')
    upload.waiting += 1
    const heldBack = upload.waiting <= WAITING_MAX
    const write = upload.writing.then(async () => {
      upload.waiting -= 1
      if (!inOrder || !heldBack || upload.bytes + data.length > upload.size) throw new Refusal('bad-request')
      if (data.length > 0) await upload.part.write(data, upload.bytes)
      upload.bytes += data.length
      this.#socket.emit('sftp-upload-ack', { transferId, chunkIndex, bytesReceived: upload.bytes })
      this.#tell(upload.progress.at(upload.bytes), transferId, 'upload')
      if (isLast || upload.bytes === upload.size) await this.#finish(transferId, upload)
    })
    upload.writing = write.catch(() => undefined)
    await this.#guarded(transferId, upload, write)
  }

  async #guarded(transferId: string, upload: Upload, work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (cause) {
      void this.#discard(transferId, upload)
      throw new TransferFailed(cause, { transferId, path: upload.path })
    }
  }

  /** Ends an upload; what was there before is still there. */
  cancelUpload(transferId: string): void {
    const upload = this.#uploads.get(transferId)
    if (upload) void this.#discard(transferId, upload)
  }

  /** Ends a download. */
  cancelDownload(transferId: string): void {
    this.#downloads.get(transferId)?.abort()
  }

  /** Sends a file, no faster than the client takes it. @throws TransferFailed, Refusal */
  async download(sftp: Sftp, path: string): Promise<void> {
    this.#bound()
    const handle = await this.#begun(sftp.client.open(path, { read: true }))
    const transferId = randomUUID()
    const control = new AbortController()
    this.#downloads.set(transferId, control)
    try {
      const { size = 0 } = await sftp.client.fstat(handle)
      this.#socket.emit('sftp-download-ready', {
        transferId,
        fileName: posix.basename(path),
        fileSize: size,
        mimeType: 'application/octet-stream',
      })
      await this.#send(sftp, { transferId, handle, size, signal: control.signal })
      if (!control.signal.aborted) this.#complete(transferId, 'download', size, posix.basename(path))
    } catch (cause) {
      throw new TransferFailed(cause, { transferId, path })
    } finally {
      this.#downloads.delete(transferId)
      closeHandle(sftp, handle)
    }
  }

  /** Ends all of them. Resolves when what uploads have left is removed; undefined where there is nothing. */
  close(): Promise<void> | undefined {
    for (const control of this.#downloads.values()) control.abort()
    const ends = [...this.#uploads].map(([id, upload]) => this.#discard(id, upload))
    // What is just about to begin ends in the same way.
    for (const beginning of this.#beginning)
      ends.push(beginning.then((begun) => (begun instanceof Part ? begun.remove() : undefined)).catch(() => undefined))
    this.#beginning.clear()
    return ends.length === 0 ? undefined : Promise.all(ends).then(() => undefined)
  }

  #bound(): void {
    const count = this.#uploads.size + this.#downloads.size + this.#beginning.size
    if (count >= TRANSFERS_MAX) throw new Refusal('too-many-handles')
  }

  /** Waits until it has begun. @throws Refusal `no-session` where the client has left meanwhile */
  async #begun<T>(beginning: Promise<T>): Promise<T> {
    this.#beginning.add(beginning)
    try {
      const begun = await beginning
      if (!this.#beginning.has(beginning)) throw new Refusal('no-session')
      return begun
    } finally {
      this.#beginning.delete(beginning)
    }
  }

  async #send(
    sftp: Sftp,
    { transferId, handle, size, signal }: { transferId: string; handle: Buffer; size: number; signal: AbortSignal },
  ): Promise<void> {
    const parts: { at: number; length: number; data: Promise<Buffer> }[] = []
    const progress = new Progress(size)
    let asked = 0
    const ask = () => {
      const length = Math.min(CHUNK, size - asked)
      const data = readFully(sftp, handle, asked, length)
      // Told where it is awaited.
      data.catch(() => undefined)
      parts.push({ at: asked, length, data })
      asked += length
    }
    if (size === 0) this.#emitChunk(transferId, 0, Buffer.alloc(0), true)
    for (let index = 0; (asked < size || parts.length > 0) && !signal.aborted; index += 1) {
      while (parts.length < READ_AHEAD && asked < size) ask()
      const part = parts.shift()
      if (!part) return
      const data = await part.data
      await this.#room(signal)
      if (signal.aborted) return
      const bytes = part.at + part.length
      this.#emitChunk(transferId, index, data, bytes === size)
      this.#tell(progress.at(bytes), transferId, 'download')
    }
  }

  #tell(word: object | undefined, transferId: string, direction: 'upload' | 'download'): void {
    if (word) this.#socket.emit('sftp-progress', { transferId, direction, ...word })
  }

  #emitChunk(transferId: string, chunkIndex: number, data: Buffer, isLast: boolean): void {
    Outflow.of(this.#peer).add(data.length)
    this.#socket.emit('sftp-download-chunk', { transferId, chunkIndex, data, isLast })
  }

  /** Waits until the client has taken what was sent. */
  async #room(signal: AbortSignal): Promise<void> {
    const outflow = Outflow.of(this.#peer)
    while (outflow.full(this.#window) && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const go = () => {
          signal.removeEventListener('abort', go)
          resolve()
        }
        outflow.whenDrained(go)
        signal.addEventListener('abort', go)
      })
    }
  }

  async #finish(transferId: string, upload: Upload): Promise<void> {
    if (upload.bytes !== upload.size) throw new Refusal('bad-request', { detail: 'The file ended before its size' })
    await upload.part.place()
    this.#uploads.delete(transferId)
    this.#complete(transferId, 'upload', upload.bytes, upload.fileName)
  }

  async #discard(transferId: string, upload: Upload): Promise<void> {
    if (this.#uploads.delete(transferId)) await upload.part.remove()
  }

  #complete(transferId: string, direction: 'upload' | 'download', bytes: number, fileName: string): void {
    this.#socket.emit('sftp-complete', { transferId, direction, bytesTransferred: bytes, totalBytes: bytes, fileName })
  }
}

/** Servers may give less than was asked for. @throws Refusal `sftp-failure` where the file has become shorter */
async function readFully(sftp: Sftp, handle: Buffer, at: number, length: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (let filled = 0; filled < length; ) {
    const piece = await sftp.client.read(handle, at + filled, length - filled)
    if (piece.length === 0) throw new Refusal('sftp-failure', { phase: 'files', detail: 'The file has become shorter' })
    pieces.push(piece)
    filled += piece.length
  }
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
}
