import { Boundary } from '../shared/boundary.ts'
import { type Drawing, Headless } from './headless.ts'
import type { OutputLog } from './outputLog.ts'

/** Bytes parsed at once: the slowest output, short lines, takes about 3 ms. */
const PIECE = 16 * 1024
/** Bytes of one string, such as a title or an image, that are parsed: xterm would gather ten million characters of it. */
const STRING = 64 * 1024

type Size = Pick<Drawing, 'cols' | 'rows'>

/** A terminal as it was at an offset of the output. */
export interface Picture extends Drawing {
  offset: number
}

/** What a screen tells its session. */
export interface ScreenPorts {
  /** The log has got more room. */
  taken(): void
  /** It has begun to parse. */
  opened(): void
  /** A bug of the terminal, which has gone on behind it. */
  stumbled(error: unknown): void
  /** It cannot go on. */
  failed(error: unknown): void
}

/**
 * What a session's terminal shows, for whoever comes back after the log has let go of output that they have not had.
 *
 * While a client is attached it is only what that client handed in last, as it does once in a quarter of a log of output:
 * nothing is parsed here. A client whose network dies cannot hand in anything, and modes may have been set gigabytes ago; but
 * what it handed in is younger than the log's first byte, so from there on nothing is unknown. While nobody is attached a
 * headless terminal goes on from it, and takes exactly the output that the log must let go of to have room for more. Where
 * a flood has outrun the client, the old picture is drawn first and the gap left.
 *
 * It has no scrollback: the client keeps its own up to the gap, and the log after it is many times that.
 */
export class Screen {
  readonly #log: OutputLog
  readonly #ports: ScreenPorts
  #picture: Picture
  /** False while nothing but the first, empty screen is known. */
  #known = false
  /** Of the output before this offset it shows what is left of it. */
  #offset = 0
  /** The last size that the terminal got, and the offset of the first byte that was written for it. */
  #sized: Size & { from: number }
  #alone = false
  /** Room in the log that is asked for, in bytes. */
  #wanted = 0
  #busy = false
  #headless: Headless | undefined
  /** Where in the output the picture was drawn, and how much of a string that is open there has been parsed. */
  #boundary = new Boundary()
  #inString = 0
  /** Counts the times that somebody came back: a step begun before is not gone on with. */
  #turn = 0

  constructor(log: OutputLog, { cols, rows }: Size, ports: ScreenPorts) {
    this.#log = log
    this.#ports = ports
    this.#picture = { data: '', cols, rows, offset: 0 }
    this.#sized = { cols, rows, from: 0 }
  }

  /** Bytes of memory that it takes; an estimate. */
  get memory(): number {
    return 2 * this.#picture.data.length + (this.#headless?.memory ?? 0)
  }

  /** Bytes that may be added to the log before it lets go of what was not taken. */
  get room(): number {
    return this.#offset + this.#log.max - this.#log.end
  }

  /** The attached client hands in what its terminal shows. */
  keep(picture: Picture): void {
    if (picture.offset < this.#offset) return
    this.#picture = picture
    this.#offset = picture.offset
    this.#boundary = new Boundary()
    this.#known = true
  }

  /** The terminal of the client has a new size, for which the output from now on is written. */
  resize({ cols, rows }: Size): void {
    this.#sized = { cols, rows, from: this.#log.end }
  }

  /**
   * Nobody is attached from now on.
   * @param coming bytes that the server may send without being asked again
   */
  leave(coming: number): void {
    this.#alone = true
    const first = this.#log.end + coming - this.#log.max
    if (first <= this.#offset) return
    // A flood has outrun the client: what comes behind the gap is taken to be whole.
    this.#offset = first
    this.#boundary = new Boundary()
  }

  /** Takes output until the log has room for so many bytes; does nothing while somebody is attached. */
  makeRoom(bytes: number): void {
    this.#wanted = bytes
    if (!this.#alone || this.#busy || this.room >= bytes) return
    this.#busy = true
    const turn = this.#turn
    const step = () => {
      if (turn === this.#turn) this.#take(step)
    }
    if (this.#headless) inTurn(step)
    else {
      Headless.open({ ...this.#picture, data: this.#picture.data + this.#boundary.opening }, this.#ports.stumbled)
        .then((headless) => {
          if (turn !== this.#turn) {
            headless.close()
            return
          }
          this.#headless = headless
          this.#known = true
          this.#ports.opened()
          inTurn(step)
        })
        .catch(this.#ports.failed)
    }
  }

  /** Somebody is attached again: gives what it shows, and lets go of the terminal. Undefined where nothing is known. */
  attach(): Picture | undefined {
    const headless = this.#headless
    this.#picture = { ...(headless?.draw() ?? this.#picture), offset: this.#offset }
    this.end()
    return this.#known ? { ...this.#picture, data: this.#picture.data + this.#boundary.opening } : undefined
  }

  /** Lets go of the terminal. */
  end(): void {
    this.#turn++
    this.#alone = false
    this.#busy = false
    this.#headless?.close()
    this.#headless = undefined
  }

  /** Takes one piece, and has `next` called in a later turn of the loop while there is not room enough. */
  #take(next: () => void): void {
    const headless = this.#headless
    if (!headless) return
    const { cols, rows, from } = this.#sized
    if (this.#offset >= from) headless.resize(cols, rows)
    const until = this.#offset < from ? from : this.#log.end
    const piece = this.#upToWhole(this.#log.read(this.#offset, Math.min(PIECE, until - this.#offset)))
    this.#inString = this.#boundary.pass(piece) ? this.#inString + piece.length : 0
    const turn = this.#turn
    headless.write(this.#inString > STRING ? piece.subarray(0, 0) : piece, () => {
      if (turn !== this.#turn) return
      this.#offset += piece.length
      this.#ports.taken()
      this.#busy = this.room < this.#wanted
      if (this.#busy) inTurn(next)
    })
  }

  /** As much of a piece as ends between two characters and sequences: from there a picture can be gone on from. */
  #upToWhole(piece: Buffer): Buffer {
    const ends = [piece.length, piece.length - 1, piece.length - 2, piece.length - 3, piece.lastIndexOf(0x1b)]
    const end = ends.find((end) => {
      const boundary = this.#boundary.copy()
      boundary.pass(piece.subarray(0, end))
      return end > 0 && boundary.whole
    })
    return piece.subarray(0, end ?? piece.length)
  }
}

const waiting: (() => void)[] = []

/** One piece of one screen in a turn of the loop, so that many sessions which nobody looks at hold up nobody's keys. */
function inTurn(step: () => void): void {
  waiting.push(step)
  if (waiting.length === 1) setImmediate(turn)
}

function turn(): void {
  waiting[0]?.()
  waiting.shift()
  if (waiting.length > 0) setImmediate(turn)
}
