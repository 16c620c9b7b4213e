import { type Attributes, bounds } from '../../../shared/protocol.ts'
import { Failed } from '../failure.ts'
import type { Sftp } from '../sftp.ts'

/** The conversation through which files are read and written. */
export type Files = Pick<Sftp, 'ask' | 'info' | 'generation'>

/** Reads of one range that are on their way at once; the session takes 64 requests and 8 MiB. */
const ahead = 8

/** The handle is gone with the conversation that it was of. */
const lost: ReadonlySet<string> = new Set(['no-handle', 'no-session', 'relay-lost', 'server-disconnected', 'bad-reply'])

/** A handle; of which generation it is is not known while it is on its way. */
interface Opened {
  handle: Promise<number>
  generation: number | undefined
}

/**
 * A file of the host that is read in ranges. It opens when it is first asked, and again by its path after the link was
 * lost. Every promise may reject with `Failed`, or with the reason of the signal.
 */
export class RemoteFile {
  readonly path: string
  readonly #files: Files
  #open: Opened | undefined

  constructor(files: Files, path: string) {
    this.#files = files
    this.path = path
  }

  /** What the open file is, even where its name has become that of another. */
  async stat(): Promise<Attributes> {
    return this.#held(async (handle) => (await this.#files.ask('sftp-fstat', { handle })).attributes)
  }

  /** Bytes of a range: fewer than asked for only where the file ends. @param progress bytes that have come so far */
  async read(
    offset: number,
    length: number,
    { signal, progress }: { signal?: AbortSignal; progress?(bytes: number): void } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const step = Math.min(this.#files.info.peek()?.limits.read ?? 32_000, bounds.fileData)
    const data = new Uint8Array(length)
    let next = 0
    let end = length
    let done = 0
    const work = async () => {
      while (next < end) {
        const at = next
        const want = Math.min(step, end - at)
        next += want
        const got = await this.#fill(data.subarray(at, at + want), offset + at, signal)
        if (got < want) end = Math.min(end, at + got)
        done += got
        progress?.(done)
      }
    }
    await Promise.all(Array.from({ length: Math.min(ahead, Math.ceil(length / step)) }, work))
    return end === length ? data : data.slice(0, end)
  }

  /** Lets go of the handle; a later read opens it again. */
  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    const handle = await open?.handle.catch(() => undefined)
    // The relay closes it with the session.
    if (handle === undefined || open?.generation !== this.#files.generation.peek()) return
    await this.#files.ask('sftp-close', { handle }).catch(() => undefined)
  }

  /** Fills a piece, however short the server's answers are. @returns bytes until the end of the file */
  async #fill(into: Uint8Array, offset: number, signal?: AbortSignal): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      signal?.throwIfAborted()
      const range = { offset: offset + filled, length: into.length - filled }
      const { data, end } = await this.#held((handle) => this.#files.ask('sftp-read', { handle, ...range }))
      into.set(data.subarray(0, range.length), filled)
      filled += Math.min(data.length, range.length)
      if (end || data.length === 0) break
    }
    return filled
  }

  async #held<T>(work: (handle: number) => Promise<T>): Promise<T> {
    const open = this.#opened()
    try {
      return await work(await open.handle)
    } catch (error) {
      if (!(error instanceof Failed) || !lost.has(error.failure.code)) throw error
      if (this.#open === open) this.#open = undefined
      return work(await this.#opened().handle)
    }
  }

  #opened() {
    const open = this.#open
    if (open && (open.generation ?? this.#files.generation.peek()) === this.#files.generation.peek()) return open
    const handle = this.#files.ask('sftp-open', { path: this.path, read: true }).then((answer) => {
      opened.generation = this.#files.generation.peek()
      return answer.handle
    })
    const opened: Opened = { handle, generation: undefined }
    this.#open = opened
    handle.catch(() => {
      if (this.#open === opened) this.#open = undefined
    })
    return opened
  }
}
