import { type ReadonlySignal, signal } from '@preact/signals'
import { charactersOf, INPUT_BOUND, PIECE } from './inputQueue.ts'
import { type VisibleInput, visibleInput } from './visibleInput.ts'

/** Bytes that are enough for what is shown of them. */
const SHOWN = 4096

/** Input that waits for a person's word, since what it was meant for may have changed while the relay was away. */
export class HeldInput {
  readonly #shown = signal<(VisibleInput & { characters: number }) | undefined>(undefined)
  #pieces: Uint8Array[] = []
  #bytes = 0

  /** What is asked about, all of it; undefined while nothing is. */
  get shown(): ReadonlySignal<(VisibleInput & { characters: number }) | undefined> {
    return this.#shown
  }

  /** All that is asked about, in order. */
  get kept(): readonly Uint8Array[] {
    return this.#pieces
  }

  /** Begins the question, or adds to it; nothing is no question. */
  hold(pieces: readonly Uint8Array[]): void {
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0)
    if (bytes === 0) return
    for (const data of pieces)
      for (let at = 0; at < data.length; at += PIECE) this.#pieces.push(data.subarray(at, at + PIECE))
    this.#bytes += bytes
    const characters = pieces.reduce((sum, piece) => sum + charactersOf(piece), this.#shown.peek()?.characters ?? 0)
    this.#shown.value = { ...visibleInput(this.#begin(), characters), characters }
  }

  /** Adds what is typed behind the question. False where it is too much. */
  append(data: Uint8Array): boolean {
    if (this.#bytes + data.length > INPUT_BOUND) return false
    this.hold([data])
    return true
  }

  /** Ends the question, and gives what was asked about. */
  take(): readonly Uint8Array[] {
    const pieces = this.#pieces
    this.#pieces = []
    this.#bytes = 0
    this.#shown.value = undefined
    return pieces
  }

  #begin(): Uint8Array {
    const begin = new Uint8Array(Math.min(SHOWN, this.#bytes))
    let at = 0
    for (const piece of this.#pieces) {
      if (at === SHOWN) break
      const part = piece.subarray(0, SHOWN - at)
      begin.set(part, at)
      at += part.length
    }
    return begin
  }
}
