import { Failed } from '../failure.ts'

/** Pieces that are read at once. */
const PIECES = 16

/**
 * Reads the pieces of a file of this device that follow each other from an offset on, many at once: each read costs the browser
 * more than its bytes. Two blocks are held at most, and what is still in use of former ones.
 */
export class Blocks {
  readonly #file: File
  readonly #from: number
  readonly #size: number
  readonly #blocks = new Map<number, Promise<Uint8Array>>()

  /** @param piece bytes of each piece but the last */
  constructor(file: File, from: number, piece: number) {
    this.#file = file
    this.#from = from
    this.#size = PIECES * piece
  }

  /** One piece; they are asked for in their order. Rejects with `Failed('source-unreadable')`. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const number = Math.floor((offset - this.#from) / this.#size)
    this.#blocks.delete(number - 1)
    const block = this.#block(number)
    // What follows is wanted soon; whether it can be read matters then.
    this.#block(number + 1).catch(() => undefined)
    const begin = offset - this.#from - number * this.#size
    return (await block).subarray(begin, begin + length)
  }

  #block(number: number): Promise<Uint8Array> {
    const begin = this.#from + number * this.#size
    const block = this.#blocks.get(number) ?? bytesOf(this.#file, begin, this.#size)
    this.#blocks.set(number, block)
    return block
  }
}

/** Bytes of a file of this device. Rejects with `Failed('source-unreadable')`: moved, changed or taken away since. */
export async function bytesOf(file: File, offset: number, length: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(offset, offset + length).arrayBuffer())
  } catch (cause) {
    throw new Failed('source-unreadable', cause)
  }
}
