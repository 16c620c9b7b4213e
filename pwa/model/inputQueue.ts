/** Bytes that may be sent without the relay's acknowledgement. */
const FLIGHT = 256 * 1024
/** Bytes of one event. */
const PIECE = 32 * 1024
/** Bytes that may wait in all; beyond it nothing is taken, rather than a part. */
const BOUND = 16 * 1024 * 1024

/**
 * What was typed and is not known to have reached the relay, by its offset among all input. Nothing is lost and nothing
 * sent twice: after a cut it goes on from where the relay says that it is.
 */
export class InputQueue {
  #pieces: Uint8Array[] = []
  #start = 0
  #sent = 0
  #end = 0

  /** Bytes that the relay has not acknowledged. */
  get waiting(): number {
    return this.#end - this.#start
  }

  /** False where it is too much. */
  append(data: Uint8Array): boolean {
    if (this.waiting + data.length > BOUND) return false
    for (let at = 0; at < data.length; at += PIECE) this.#pieces.push(data.subarray(at, at + PIECE))
    this.#end += data.length
    return true
  }

  /** The next piece to send, or undefined while enough is on its way or nothing is left. */
  take(): { offset: number; data: Uint8Array } | undefined {
    if (this.#sent === this.#end || this.#sent - this.#start >= FLIGHT) return undefined
    let at = this.#start
    for (const piece of this.#pieces) {
      if (this.#sent < at + piece.length) {
        const next = { offset: this.#sent, data: piece.subarray(this.#sent - at) }
        this.#sent = at + piece.length
        return next
      }
      at += piece.length
    }
    return undefined
  }

  /** Undoes `take` for a piece that could not be sent. */
  untake(offset: number): void {
    this.#sent = Math.min(this.#sent, offset)
  }

  /** The relay has everything before `offset`; more than was sent is not believed. */
  acknowledged(offset: number): void {
    this.#drop(Math.min(offset, this.#sent))
  }

  /** On a new socket the relay has everything before `offset`; the rest is sent again. */
  resume(offset: number): void {
    this.#drop(Math.min(offset, this.#end))
    // Input that this window never had: the former page's, or another window's.
    if (this.#start === this.#end) this.#start = this.#end = offset
    this.#sent = this.#start
  }

  /** Forgets everything; the next byte has `offset`. */
  reset(offset = 0): void {
    this.#pieces = []
    this.#start = this.#sent = this.#end = offset
  }

  #drop(until: number): void {
    while (this.#start < until) {
      const first = this.#pieces[0]
      if (!first) return
      const had = until - this.#start
      if (had >= first.length) this.#pieces.shift()
      else this.#pieces[0] = first.subarray(had)
      this.#start += Math.min(had, first.length)
    }
  }
}
