import { Boundary } from '../../shared/boundary.ts'
import { type Placing, place } from './place.ts'
import type { ScreenPort } from './screenPort.ts'

/** Bytes that are worth a write of their own while another is being parsed; smaller ones halve the terminal's rate. */
const PIECE = 64 * 1024
/** Writes that the terminal has at once: one that it parses and one that is ready. */
const AHEAD = 2

/**
 * The way of a session's output to the screen, by offset: what comes twice is dropped, what is missing is counted, small
 * pieces are gathered while the screen is busy. `rendered` advances as the screen has parsed.
 */
export class Feed {
  readonly #onRendered: (bytes: number) => void
  #screen: ScreenPort | undefined
  #received = 0
  #rendered = 0
  #waiting: Uint8Array[] = []
  #ahead: number[] = []
  #mutedTo = 0
  /** Where what was rendered ends. */
  #boundary = new Boundary()
  /** Ends what the callbacks of an earlier screen or stream may do. */
  #era = 0

  constructor(onRendered: (bytes: number) => void) {
    this.#onRendered = onRendered
  }

  /** Everything before this offset has arrived. */
  get received(): number {
    return this.#received
  }

  /** Everything before this offset has been parsed by the screen. */
  get rendered(): number {
    return this.#rendered
  }

  /** True while the screen has something to parse. */
  get busy(): boolean {
    return this.#ahead.length > 0 || (this.#screen !== undefined && this.#waiting.length > 0)
  }

  /** True while the screen parses output whose queries were answered before: replies to it are not sent again. */
  get replaying(): boolean {
    return this.#rendered < this.#mutedTo
  }

  /** Everything before this offset has been parsed by the screen or is being parsed: what a reply to a query just now answers. */
  get parsing(): number {
    return this.#rendered + (this.#ahead[0] ?? 0)
  }

  /** True where the screen stands between two characters and sequences: a snapshot of it can be gone on from. */
  get whole(): boolean {
    return this.#boundary.whole
  }

  /** Begins a stream of which everything before `offset` is on the screen. */
  start(offset: number): void {
    this.#era++
    this.#received = this.#rendered = offset
    this.#mutedTo = 0
    this.#waiting = []
    this.#ahead = []
    this.#boundary = new Boundary()
  }

  /** Shows on this screen from now on, or on none: then what arrives waits. */
  show(screen: ScreenPort | undefined): void {
    this.#screen = screen
    this.#pump()
  }

  /** Takes output; a gap is stepped over and returned. */
  receive(data: Uint8Array, offset: number): Placing {
    const placing = place(offset, data.length, this.#received)
    if (placing.kind === 'gap') this.skipTo(offset)
    if (placing.kind === 'skip') return placing
    this.#waiting.push(placing.kind === 'write' && placing.at > 0 ? data.subarray(placing.at) : data)
    this.#received = offset + data.length
    this.#pump()
    return placing
  }

  /**
   * Output before `offset` will never come: everything that waits is written, and the rest counts as rendered.
   * @param left the drawing of what it has left, from which the screen goes on
   */
  skipTo(offset: number, left = ''): void {
    if (offset <= this.#received) return
    this.#pump(true)
    const missing = offset - this.#received
    this.#received = offset
    this.#later(new Uint8Array(0), missing, left)
  }

  /** Queries in output before this offset were answered, by the page before or another window. */
  mute(answeredTo: number): void {
    this.#mutedTo = Math.max(this.#mutedTo, answeredTo)
  }

  #pump(all = false): void {
    while (this.#screen && this.#waiting.length > 0) {
      const bytes = this.#waiting.reduce((sum, piece) => sum + piece.length, 0)
      const ready = this.#ahead.length === 0 || (this.#ahead.length < AHEAD && bytes >= PIECE)
      if (!ready && !all) return
      this.#later(this.#take(), 0)
    }
  }

  #later(data: Uint8Array, missing: number, left?: string): void {
    if (!this.#screen) {
      this.#rendered += missing
      if (left !== undefined) this.#boundary = after(left)
      return
    }
    const era = this.#era
    this.#ahead.push(data.length)
    this.#screen.write(data, () => {
      if (era !== this.#era) return
      this.#ahead.shift()
      this.#rendered += data.length + missing
      if (left !== undefined) this.#boundary = after(left)
      this.#boundary.pass(data)
      this.#onRendered(data.length)
      this.#pump()
    })
  }

  /** One piece of what waits, which never crosses the offset up to which queries were answered. */
  #take(): Uint8Array {
    const begin = this.#rendered + this.#ahead.reduce((sum, length) => sum + length, 0)
    const limit = begin < this.#mutedTo ? this.#mutedTo - begin : Number.POSITIVE_INFINITY
    const pieces: Uint8Array[] = []
    let length = 0
    while (this.#waiting[0] && length < PIECE && length < limit) {
      const first = this.#waiting[0]
      const taken = first.subarray(0, limit - length)
      if (taken.length === first.length) this.#waiting.shift()
      else this.#waiting[0] = first.subarray(taken.length)
      pieces.push(taken)
      length += taken.length
    }
    return join(pieces)
  }
}

/** Where a screen stands that was drawn: a drawing ends at most with the beginning of a string. */
function after(drawing: string): Boundary {
  const boundary = new Boundary()
  boundary.pass(new TextEncoder().encode(drawing.slice(-64)))
  return boundary
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1 && pieces[0]) return pieces[0]
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
