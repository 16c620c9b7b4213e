import type { Moment } from './moment.ts'

/** Bytes that may be sent without the relay's acknowledgement. */
const FLIGHT = 256 * 1024
/** Bytes of one event. */
export const PIECE = 32 * 1024
/** Bytes that may wait in all; beyond it nothing is taken, rather than a part. */
export const INPUT_BOUND = 16 * 1024 * 1024

/** Input that goes in one event, at most 32 KiB. */
interface Piece {
  data: Uint8Array
  typedAt: Moment
  /** For a reply to a query: the offset of the output that it answers. */
  answers: number | undefined
  /** Characters that a person typed. */
  characters: number
}

/** What is to be sent. */
export interface Sending {
  offset: number
  data: Uint8Array
  answers?: number
}

/**
 * What was typed and is not known to have reached the relay, by its offset among all input. Nothing is lost and nothing
 * sent twice: after a cut it goes on from where the relay says that it is.
 */
export class InputQueue {
  #pieces: Piece[] = []
  #start = 0
  #sent = 0
  #end = 0

  /** Bytes that the relay has not acknowledged. */
  get waiting(): number {
    return this.#end - this.#start
  }

  /** Characters that a person typed and that the relay has not acknowledged. */
  get characters(): number {
    return this.#pieces.reduce((sum, { characters }) => sum + characters, 0)
  }

  /** Those of them that were never sent; of the others it is not known whether they arrived. */
  get unsentCharacters(): number {
    let at = this.#start
    let count = 0
    for (const { data, characters } of this.#pieces) {
      if (at >= this.#sent) count += characters
      at += data.length
    }
    return count
  }

  /** When the oldest of what waits was typed. */
  get oldest(): Moment | undefined {
    return this.#pieces[0]?.typedAt
  }

  /**
   * False where it is too much.
   * @param answers where it is the terminal's reply to a query: the offset of the output that is answered with it
   */
  append(data: Uint8Array, typedAt: Moment, answers?: number): boolean {
    if (this.waiting + data.length > INPUT_BOUND) return false
    for (let at = 0; at < data.length; at += PIECE) {
      const piece = data.subarray(at, at + PIECE)
      this.#pieces.push({ data: piece, typedAt, answers, characters: answers === undefined ? charactersOf(piece) : 0 })
    }
    this.#end += data.length
    return true
  }

  /** All that waits, in order, and the offset of its first byte. */
  get kept(): { offset: number; pieces: { data: Uint8Array; answers?: number }[] } {
    const pieces = this.#pieces.map(({ data, answers }) => ({ data, ...(answers !== undefined && { answers }) }))
    return { offset: this.#start, pieces }
  }

  /**
   * Takes up what a page before this one kept, ahead of what was typed since. Only before anything is sent: how much of it
   * the relay has had, `resume` finds out.
   */
  restore(
    offset: number,
    pieces: readonly { data: Uint8Array; answers?: number | undefined }[],
    typedAt: Moment,
  ): void {
    const before = pieces.map(({ data, answers }) => {
      return { data, typedAt, answers, characters: answers === undefined ? charactersOf(data) : 0 }
    })
    this.#pieces = [...before, ...this.#pieces]
    this.#start = offset
    this.#sent = offset + before.reduce((sum, { data }) => sum + data.length, 0)
    this.#end = offset + this.#pieces.reduce((sum, { data }) => sum + data.length, 0)
  }

  /** Takes back what was withdrawn, behind what waits. */
  putBack(pieces: readonly Uint8Array[], typedAt: Moment): void {
    for (const data of pieces) {
      this.#pieces.push({ data, typedAt, answers: undefined, characters: charactersOf(data) })
      this.#end += data.length
    }
  }

  /** The next piece to send, or undefined while enough is on its way or nothing is left. */
  take(): Sending | undefined {
    if (this.#sent === this.#end || this.#sent - this.#start >= FLIGHT) return undefined
    let at = this.#start
    for (const { data, answers } of this.#pieces) {
      if (this.#sent < at + data.length) {
        const next = {
          offset: this.#sent,
          data: data.subarray(this.#sent - at),
          ...(answers !== undefined && { answers }),
        }
        this.#sent = at + data.length
        return next
      }
      at += data.length
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

  /**
   * On a new socket the relay has everything of this window's input before `own`; the rest is sent again, from `offset` on,
   * which is further where the former page or another window has typed.
   */
  resume(offset: number, own: number): void {
    this.#drop(Math.min(own, this.#sent))
    this.#end += offset - this.#start
    this.#start = this.#sent = offset
  }

  /** Takes out all that waits, and gives what a person typed of it. Only where nothing is on its way: after `resume`. */
  withdraw(): Uint8Array[] {
    const typed = this.#pieces.filter(({ answers }) => answers === undefined).map(({ data }) => data)
    this.#pieces = []
    this.#end = this.#sent = this.#start
    return typed
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
      const had = Math.min(until - this.#start, first.data.length)
      this.#start += had
      if (had === first.data.length) {
        this.#pieces.shift()
        continue
      }
      first.data = first.data.subarray(had)
      if (first.answers === undefined) first.characters = charactersOf(first.data)
    }
  }
}

/** UTF-8: all bytes but continuations begin a character. */
export function charactersOf(data: Uint8Array): number {
  let count = 0
  for (const byte of data) if ((byte & 0xc0) !== 0x80) count++
  return count
}
