import { Refusal } from '../../shared/failure.ts'
import { type Attributes, bounds } from '../../shared/protocol.ts'
import type { OpenFiles } from './openFiles.ts'
import type { SftpClient } from './sftpClient.ts'

const S_IFMT = 0o170000
const S_IFREG = 0o100000

/** A file that is read from its beginning to its end, once; it is as large at its end as it said, and unchanged, or it fails. */
export class WholeFile {
  /** Bytes. */
  readonly size: number
  readonly #client: SftpClient
  readonly #handle: Buffer
  readonly #attributes: Attributes
  /** All of what has no size, like the files of /proc. */
  readonly #madeUp: Buffer | undefined
  readonly #free: () => void

  private constructor(client: SftpClient, handle: Buffer, begun: Begun, free: () => void) {
    this.#client = client
    this.#handle = handle
    this.#attributes = begun.attributes
    this.#madeUp = begun.madeUp
    this.#free = free
    this.size = begun.madeUp?.length ?? begun.attributes.size ?? 0
  }

  /** @throws Refusal; `sftp-failure` for what is no regular file, `too-many-handles`, `too-large` for what has no size and does not end soon */
  static async open(client: SftpClient, files: OpenFiles, path: string): Promise<WholeFile> {
    // Before it is opened: opening a pipe waits for who writes into it, and the server with it.
    mustBeFile(await client.stat(path))
    const free = files.reserve()
    let handle: Buffer | undefined
    try {
      handle = await client.open(path, { read: true })
      return new WholeFile(client, handle, await begin(client, handle), free)
    } catch (error) {
      if (handle) client.closeHandle(handle).catch(() => undefined)
      free()
      throw error
    }
  }

  /**
   * The bytes in order, read ahead by at most `bounds.copyAhead`. The last of them come once it is sure that the file has not
   * changed. @throws Refusal `wrong-size` where it ends early, `changed-meanwhile`
   */
  async *pieces(): AsyncGenerator<Buffer, void, undefined> {
    if (this.#madeUp) return yield this.#madeUp
    const { read } = this.#client.limits
    const ahead: Promise<Buffer>[] = []
    let asked = 0
    let had = 0
    while (had < this.size) {
      while (asked < this.size && (asked - had + read <= bounds.copyAhead || ahead.length === 0)) {
        const piece = this.#piece(asked, Math.min(read, this.size - asked))
        // Told where it is awaited.
        piece.catch(() => undefined)
        ahead.push(piece)
        asked = Math.min(this.size, asked + read)
      }
      const piece = (await ahead.shift()) as Buffer
      had += piece.length
      if (had === this.size) await this.#mustBeAsItWas()
      yield piece
    }
  }

  /** Closes it. Never throws. */
  close(): void {
    this.#client
      .closeHandle(this.#handle)
      .catch(() => undefined)
      .finally(this.#free)
  }

  /** Servers may give less than was asked for. */
  async #piece(at: number, length: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    for (let had = 0; had < length; ) {
      const data = await this.#client.read(this.#handle, at + had, length - had)
      if (data.length === 0) {
        const detail = `The file gave ${at + had} of ${this.size} bytes`
        throw new Refusal('wrong-size', { phase: 'files', detail })
      }
      pieces.push(data)
      had += data.length
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, length)
  }

  async #mustBeAsItWas(): Promise<void> {
    const { size, mtime } = await this.#client.fstat(this.#handle)
    if (size !== this.#attributes.size || mtime !== this.#attributes.mtime)
      throw new Refusal('changed-meanwhile', { phase: 'files' })
  }
}

interface Begun {
  attributes: Attributes
  madeUp?: Buffer
}

async function begin(client: SftpClient, handle: Buffer): Promise<Begun> {
  const attributes = await client.fstat(handle)
  mustBeFile(attributes)
  if (attributes.size) return { attributes }
  const pieces: Buffer[] = []
  for (let had = 0; ; ) {
    const data = await client.read(handle, had, client.limits.read)
    if (data.length === 0) return { attributes, madeUp: Buffer.concat(pieces, had) }
    pieces.push(data)
    had += data.length
    if (had > bounds.copyAhead) throw new Refusal('too-large', { phase: 'files' })
  }
}

function mustBeFile({ mode }: Attributes): void {
  if (mode !== undefined && (mode & S_IFMT) !== S_IFREG) throw new Refusal('sftp-failure', { phase: 'files' })
}
