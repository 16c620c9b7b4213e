import { randomUUID } from 'node:crypto'
import { posix } from 'node:path'
import type { Socket } from 'socket.io'
import { Refusal } from '../../shared/failure.ts'
import { Outflow } from '../outflow.ts'
import type { Peer } from '../session.ts'
import type { Sftp } from '../sftp.ts'
import { CHUNK, type Webssh2Message } from './webssh2Events.ts'

/** Files that one client may move at once. */
export const TRANSFERS_MAX = 8
/** Parts of a file that are read ahead. */
const READ_AHEAD = 8
/** Parts that a client may send before the first of them is acknowledged. */
const WAITING_MAX = 16
/** Milliseconds between two words about how far a download is. */
const PROGRESS_MS = 250
/** SSH_FX_EOF of the SFTP draft, version 3, §7. */
const EOF = 1

interface Upload {
  sftp: Sftp
  path: string
  handle: Buffer
  fileName: string
  size: number
  /** Whether the file was made by this upload, so that a cancelled one leaves nothing behind. */
  made: boolean
  chunks: number
  /** Parts that wait to be written. */
  waiting: number
  bytes: number
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

  constructor(socket: Socket, peer: Peer, window: number) {
    this.#socket = socket
    this.#peer = peer
    this.#window = window
  }

  /** Opens the file. One that is there is left alone without `overwrite`. @throws Refusal */
  async startUpload(sftp: Sftp, asked: Webssh2Message<'sftp-upload-start'>, path: string): Promise<void> {
    this.#bound()
    const flags = asked.overwrite ? 'w' : 'wx'
    const handle = await sftp.request<Buffer>((ssh, done) => ssh.open(path, flags, done))
    const transferId = randomUUID()
    const upload: Upload = {
      sftp,
      path,
      handle,
      fileName: asked.fileName,
      size: asked.fileSize,
      made: !asked.overwrite,
      chunks: 0,
      waiting: 0,
      bytes: 0,
      writing: Promise.resolve(),
    }
    this.#uploads.set(transferId, upload)
    this.#socket.emit('sftp-upload-ready', { transferId, chunkSize: CHUNK, maxConcurrentChunks: 1 })
    if (upload.size === 0) await this.#finish(transferId, upload)
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
      if (data.length > 0)
        await upload.sftp.request<void>((ssh, done) =>
          ssh.write(upload.handle, data, 0, data.length, upload.bytes, (error) => done(error, undefined)),
        )
      upload.bytes += data.length
      this.#socket.emit('sftp-upload-ack', { transferId, chunkIndex, bytesReceived: upload.bytes })
      if (isLast || upload.bytes === upload.size) await this.#finish(transferId, upload)
    })
    upload.writing = write.catch(() => undefined)
    try {
      await write
    } catch (cause) {
      await this.#discard(transferId, upload)
      throw new TransferFailed(cause, { transferId, path: upload.path })
    }
  }

  /** Ends an upload; what it made is removed. */
  async cancelUpload(transferId: string): Promise<void> {
    const upload = this.#uploads.get(transferId)
    if (upload) await this.#discard(transferId, upload)
  }

  /** Ends a download. */
  cancelDownload(transferId: string): void {
    this.#downloads.get(transferId)?.abort()
  }

  /** Sends a file, no faster than the client takes it. @throws TransferFailed, Refusal */
  async download(sftp: Sftp, path: string): Promise<void> {
    this.#bound()
    const handle = await sftp.request<Buffer>((ssh, done) => ssh.open(path, 'r', done))
    const transferId = randomUUID()
    const control = new AbortController()
    this.#downloads.set(transferId, control)
    try {
      const { size } = await sftp.request<{ size: number }>((ssh, done) => ssh.fstat(handle, done))
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
      close(sftp, handle)
    }
  }

  /** Ends all of them: the client is gone. */
  close(): void {
    for (const control of this.#downloads.values()) control.abort()
    for (const [id, upload] of this.#uploads) {
      // Whether what it made could be removed is nobody's concern any more.
      this.#discard(id, upload).catch(() => undefined)
    }
  }

  #bound(): void {
    if (this.#uploads.size + this.#downloads.size >= TRANSFERS_MAX) throw new Refusal('too-many-handles')
  }

  async #send(
    sftp: Sftp,
    { transferId, handle, size, signal }: { transferId: string; handle: Buffer; size: number; signal: AbortSignal },
  ): Promise<void> {
    const parts: { at: number; length: number; data: Promise<Buffer> }[] = []
    const started = performance.now()
    let told = started
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
      const now = performance.now()
      if (now - told < PROGRESS_MS) continue
      told = now
      const perSecond = (bytes * 1000) / (now - started)
      this.#socket.emit('sftp-progress', {
        transferId,
        direction: 'download',
        bytesTransferred: bytes,
        totalBytes: size,
        percentComplete: Math.round((bytes * 100) / size),
        bytesPerSecond: Math.round(perSecond),
        estimatedSecondsRemaining: Math.round((size - bytes) / perSecond),
      })
    }
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
        outflow.whenDrained(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  async #finish(transferId: string, upload: Upload): Promise<void> {
    await upload.sftp.request<void>((ssh, done) => ssh.close(upload.handle, (error) => done(error, undefined)))
    if (upload.bytes !== upload.size) throw new Refusal('bad-request', { detail: 'The file ended before its size' })
    this.#uploads.delete(transferId)
    this.#complete(transferId, 'upload', upload.bytes, upload.fileName)
  }

  async #discard(transferId: string, upload: Upload): Promise<void> {
    if (!this.#uploads.delete(transferId)) return
    await upload.writing
    close(upload.sftp, upload.handle)
    if (!upload.made || upload.sftp.state !== 'open') return
    await upload.sftp.request<void>((ssh, done) => ssh.unlink(upload.path, (error) => done(error, undefined)))
  }

  #complete(transferId: string, direction: 'upload' | 'download', bytes: number, fileName: string): void {
    this.#socket.emit('sftp-complete', { transferId, direction, bytesTransferred: bytes, totalBytes: bytes, fileName })
  }
}

/** Whether it worked is nobody's concern any more. */
function close(sftp: Sftp, handle: Buffer): void {
  if (sftp.state !== 'open') return
  sftp.request<void>((ssh, done) => ssh.close(handle, () => done(undefined, undefined))).catch(() => undefined)
}

/** Servers may give less than was asked for. @throws Refusal `sftp-failure` where the file has become shorter */
async function readFully(sftp: Sftp, handle: Buffer, at: number, length: number): Promise<Buffer> {
  const data = Buffer.alloc(length)
  for (let filled = 0; filled < length; ) {
    const read = await sftp.request<number>((ssh, done) =>
      ssh.read(handle, data, filled, length - filled, at + filled, (error, bytes) =>
        (error as { code?: unknown } | undefined)?.code === EOF ? done(undefined, 0) : done(error, bytes),
      ),
    )
    if (read === 0) throw new Refusal('sftp-failure', { phase: 'files', detail: 'The file has become shorter' })
    filled += read
  }
  return data
}
