import type { ServerChannel } from 'ssh2'

/** Bytes that may wait for the client before the source is paused. */
const HIGH = 128 * 1024
/** Bytes at which a paused source goes on. */
const LOW = 32 * 1024

/** What makes the bytes: it is held while the client does not take them. */
export interface Source {
  pause(): void
  resume(): void
}

/** The fields in which ssh2 1.17 keeps what waits for the client's window; not in its types. */
interface WaitingChunks {
  _chunk: unknown
  _chunkcb: unknown
  _chunkErr: unknown
  _chunkcbErr: unknown
}

/**
 * Writes stdout and stderr of one channel, in the order given, and holds the source while the client is slow.
 * One write is under way at a time: ssh2 1.17 forgets stderr's rest when both wait for the window, and sends the
 * rest of an earlier stdout write again when stderr waits after it, unless its fields are emptied between writes.
 */
export class ChannelOutput {
  readonly #channel: ServerChannel
  readonly #queue: { to: 'stdout' | 'stderr'; bytes: Uint8Array }[] = []
  #waiting = 0
  #busy = false
  #closed = false
  #held: Source | undefined
  #drained: (() => void)[] = []

  constructor(channel: ServerChannel) {
    this.#channel = channel
  }

  /** Bytes that the client has not taken yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Queues bytes; pauses `source` if too many wait. */
  write(bytes: Uint8Array, to: 'stdout' | 'stderr' = 'stdout', source?: Source): void {
    if (this.#closed || bytes.length === 0) return
    this.#queue.push({ to, bytes })
    this.#waiting += bytes.length
    if (source && !this.#held && this.#waiting >= HIGH) {
      this.#held = source
      source.pause()
    }
    this.#next()
  }

  /** Resolves when at most `bytes` wait, or the channel is closed. */
  async below(bytes: number): Promise<void> {
    while (!this.#closed && this.#waiting > bytes) await new Promise<void>((resolve) => this.#drained.push(resolve))
  }

  /** Gives up on what waits; the source runs on into nothing, so that its end is seen. */
  close(): void {
    this.#closed = true
    this.#queue.length = 0
    this.#waiting = 0
    this.#settle()
  }

  #next(): void {
    const item = this.#busy ? undefined : this.#queue.shift()
    if (!item) return
    this.#busy = true
    const stream = item.to === 'stderr' ? this.#channel.stderr : this.#channel
    stream.write(item.bytes, () => {
      const waiting = this.#channel as unknown as WaitingChunks
      waiting._chunk = waiting._chunkcb = waiting._chunkErr = waiting._chunkcbErr = undefined
      this.#busy = false
      if (this.#closed) return
      this.#waiting -= item.bytes.length
      this.#next()
      this.#settle()
    })
  }

  #settle(): void {
    if (this.#held && this.#waiting <= LOW) {
      const source = this.#held
      this.#held = undefined
      source.resume()
    }
    const drained = this.#drained
    this.#drained = []
    for (const resolve of drained) resolve()
  }
}
