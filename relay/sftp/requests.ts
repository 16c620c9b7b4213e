import type { Duplex } from 'node:stream'
import { Refusal } from '../../shared/failure.ts'
import {
  type Field,
  MalformedPacket,
  PacketReader,
  PacketSplitter,
  packetType,
  SFTP_VERSION,
  writePacket,
} from './packet.ts'
import { readVersion } from './replies.ts'

/** How often it is looked whether the server still answers, in a fraction of what it may take. */
const LOOKS = 10
/** Bytes from which on it is cheaper to send them by themselves than to copy them into their packet. */
const APART = 16 * 1024
/** Bytes of requests that go out together: as much as a packet of SSH has at most (RFC 4253 §6.1). */
const TOGETHER = 32 * 1024
/** Times the usual that slow requests may take. */
const SLOW = 2

interface Pending {
  /** Takes the reply apart; what it throws as `MalformedPacket` ends the conversation. */
  settle(packet: PacketReader): void
  fail(reason: Refusal): void
  sentAt: number
  slow: boolean
}

/** What becomes of a conversation, and how long its server may be silent. */
export interface RequestsOptions {
  /** Milliseconds that a server may take for a reply while it sends nothing else; slow requests have twice that. */
  stallMs: number
  /** It is over, and not by `close`: the stream has ended, or the server broke the protocol or does not answer. */
  over(reason: Refusal): void
}

/**
 * The requests of one SFTP conversation and the replies to them, by their ids (draft-ietf-secsh-filexfer-02 §3). Every reply is held
 * against its request; what does not fit ends the conversation with `bad-reply`. Replies are read as they come, so that they
 * wait nowhere; how much is asked for at once is up to whoever asks.
 */
export class Requests {
  readonly #stream: Duplex
  readonly #options: RequestsOptions
  readonly #pending = new Map<number, Pending>()
  #greeting: Pending | undefined
  /** What is asked for in one turn of the event loop, so that it does not take a packet of SSH each; and its bytes. */
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #nextId = 0
  #lastReply = 0
  #watch: NodeJS.Timeout | undefined
  #ended: Refusal | undefined

  /** @param stream is read from now on, and destroyed at the end */
  constructor(stream: Duplex, options: RequestsOptions) {
    this.#stream = stream
    this.#options = options
    const splitter = new PacketSplitter()
    stream.on('data', (bytes: Buffer) => this.#read(splitter, bytes))
    const over = () => this.#broken(new Refusal('server-disconnected', { phase: 'files' }))
    for (const event of ['end', 'close', 'error']) stream.on(event, over)
  }

  /** Requests that the server owes an answer. */
  get size(): number {
    return this.#pending.size
  }

  /** INIT, which must come first; gives the extensions of VERSION. @throws Refusal */
  greet(): Promise<ReadonlyMap<string, string>> {
    return new Promise((resolve, reject) => {
      const settle = (packet: PacketReader) => resolve(readVersion(packet))
      this.#greeting = { settle, fail: reject, sentAt: performance.now(), slow: false }
      this.#watching()
      this.#stream.write(writePacket(packetType.init, [SFTP_VERSION]))
    })
  }

  /**
   * Sends one and waits for its reply.
   * @param fields what follows the id
   * @param read takes the reply apart
   * @param slow it may take longer than others
   * @throws what `read` throws; Refusal with the reason where the conversation is over
   */
  send<T>(type: number, fields: readonly Field[], read: (packet: PacketReader) => T, slow = false): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = this.#nextId
    this.#nextId = (id + 1) >>> 0
    return new Promise<T>((resolve, reject) => {
      const settle = (packet: PacketReader) => {
        try {
          resolve(read(packet))
        } catch (error) {
          if (error instanceof MalformedPacket) {
            reject(badReply(error))
            throw error
          }
          reject(error)
        }
      }
      this.#pending.set(id, { settle, fail: reject, sentAt: performance.now(), slow })
      this.#write(type, id, fields)
    })
  }

  /** Ends the conversation; what is on its way is refused with the reason. */
  close(reason: Refusal): void {
    if (this.#ended) return
    this.#ended = reason
    this.#quiet()
    this.#greeting?.fail(reason)
    for (const pending of this.#pending.values()) pending.fail(reason)
    this.#pending.clear()
    this.#flush()
    this.#stream.destroy()
  }

  #write(type: number, id: number, fields: readonly Field[]): void {
    this.#watching()
    const last = fields.at(-1)
    if (!(last instanceof Uint8Array) || last.length < APART) {
      this.#gather(writePacket(type, [id, ...fields]))
      return
    }
    this.#gather(writePacket(type, [id, ...fields.slice(0, -1), last.length], last.length))
    this.#flush()
    this.#stream.write(last)
  }

  #gather(packet: Buffer): void {
    if (this.#waiting.length === 0) process.nextTick(() => this.#flush())
    this.#waiting.push(packet)
    this.#waitingBytes += packet.length
    if (this.#waitingBytes >= TOGETHER) this.#flush()
  }

  #flush(): void {
    const [first, ...more] = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    if (first) this.#stream.write(more.length > 0 ? Buffer.concat([first, ...more]) : first)
  }

  #read(splitter: PacketSplitter, bytes: Buffer): void {
    if (this.#ended) return
    try {
      for (const packet of splitter.push(bytes)) {
        this.#take(new PacketReader(packet))
        if (this.#ended) return
      }
    } catch (error) {
      if (!(error instanceof MalformedPacket)) throw error
      this.#broken(badReply(error))
    }
  }

  #take(packet: PacketReader): void {
    const greeting = this.#greeting
    if (greeting) {
      greeting.settle(packet)
      this.#greeting = undefined
    } else {
      const id = packet.u32()
      const pending = this.#pending.get(id)
      if (!pending) throw new MalformedPacket('a reply to nothing')
      this.#pending.delete(id)
      pending.settle(packet)
    }
    this.#lastReply = performance.now()
    if (this.#pending.size === 0) this.#quiet()
  }

  #broken(reason: Refusal): void {
    if (this.#ended) return
    this.close(reason)
    this.#options.over(reason)
  }

  #watching(): void {
    if (this.#watch) return
    const { stallMs } = this.#options
    this.#lastReply = performance.now()
    this.#watch = setInterval(() => {
      const now = performance.now()
      // In the order in which they were sent.
      const [first = this.#greeting] = this.#pending.values()
      const patience = first?.slow ? SLOW * stallMs : stallMs
      if (now - Math.max(this.#lastReply, first?.sentAt ?? 0) < patience) return
      const detail = `The server did not answer for ${Math.round(patience / 1000)} seconds`
      this.#broken(new Refusal('server-disconnected', { phase: 'files', detail }))
    }, stallMs / LOOKS)
  }

  #quiet(): void {
    clearInterval(this.#watch)
    this.#watch = undefined
  }
}

function badReply(cause: MalformedPacket): Refusal {
  return new Refusal('bad-reply', { phase: 'files', cause })
}
