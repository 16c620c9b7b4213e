const FIRST = 16 * 1024

/**
 * The last bytes of a session's output, addressed by offset: the position of a byte in the whole stream since it began.
 * A ring that grows by doubling from 16 KiB to `max` bytes, so an idle session costs little.
 */
export class OutputLog {
  /** Bytes that it keeps at most. */
  readonly max: number
  #ring: Buffer
  #end = 0

  /** @param max bytes kept, a power of two times 16 KiB or any number above that */
  constructor(max: number) {
    this.max = max
    this.#ring = Buffer.allocUnsafeSlow(Math.min(FIRST, max))
  }

  /** Offset of the first byte that is kept. */
  get start(): number {
    return Math.max(0, this.#end - this.#ring.length)
  }

  /** Offset that the next byte will have. */
  get end(): number {
    return this.#end
  }

  /** Bytes of memory held. */
  get size(): number {
    return this.#ring.length
  }

  /** Adds output; the oldest bytes beyond `max` are let go. */
  append(chunk: Uint8Array): void {
    this.#grow(Math.min(this.max, this.#end - this.start + chunk.length))
    const ring = this.#ring
    // Only the last ring-full of a chunk can stay; the rest is counted and skipped.
    const kept = chunk.length > ring.length ? chunk.subarray(chunk.length - ring.length) : chunk
    const at = (this.#end + chunk.length - kept.length) % ring.length
    const head = Math.min(kept.length, ring.length - at)
    ring.set(kept.subarray(0, head), at)
    ring.set(kept.subarray(head), 0)
    this.#end += chunk.length
  }

  /** A copy of at most `max` bytes from `offset`, which must lie within start…end. */
  read(offset: number, max: number): Buffer {
    const length = Math.min(max, this.#end - offset)
    const copy = Buffer.allocUnsafe(length)
    const at = offset % this.#ring.length
    const head = Math.min(length, this.#ring.length - at)
    this.#ring.copy(copy, 0, at, at + head)
    this.#ring.copy(copy, head, 0, length - head)
    return copy
  }

  #grow(needed: number): void {
    if (needed <= this.#ring.length) return
    let size = this.#ring.length
    while (size < needed) size = Math.min(this.max, size * 2)
    const { start } = this
    const kept = this.read(start, this.#end - start)
    this.#ring = Buffer.allocUnsafeSlow(size)
    const at = start % size
    const head = Math.min(kept.length, size - at)
    this.#ring.set(kept.subarray(0, head), at)
    this.#ring.set(kept.subarray(head), 0)
  }
}
