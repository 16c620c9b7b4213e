import type { Sink } from './goal.ts'
import { wrongSize } from './mismatch.ts'

/** One file of a zip: what its sink is given waits here until the zip has come to it. */
export class ZipEntry {
  readonly name: string
  readonly size: number
  readonly modifiedAt: number
  #at = 0
  #whole = false
  #dropped = false
  #broken: unknown
  #given: { data: Uint8Array; taken(): void; lost(reason: unknown): void }[] = []
  #more = () => {}

  constructor(name: string, size: number, modifiedAt: number) {
    this.name = name
    this.size = size
    this.modifiedAt = modifiedAt
  }

  /** Resolves when it is clear whether it is a part of the zip: with its first byte or its end; false where it was given up before. */
  async begins(): Promise<boolean> {
    while (!this.#dropped && !this.#whole && this.#given.length === 0 && !this.#broken) await this.#change()
    return !this.#dropped
  }

  /** Its bytes, as the zip takes them. Throws what it was broken off with. */
  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      if (this.#broken) throw this.#broken
      const next = this.#given.shift()
      if (next) {
        yield next.data
        next.taken()
      } else if (this.#whole) return
      else await this.#change()
    }
  }

  /** The zip ends without it, or has ended: nothing is taken any more. */
  break(reason: unknown): void {
    this.#broken = reason
    for (const { lost } of this.#given.splice(0)) lost(reason)
    this.#more()
  }

  /** @param gaveUp called when bytes of it are in the zip and no more will come */
  sink(gaveUp: () => void): Sink {
    return {
      have: this.#at,
      write: (offset, data) => {
        if (this.#broken) return Promise.reject(this.#broken)
        const end = offset + data.byteLength
        if (offset !== this.#at || end > this.size) return Promise.reject(wrongSize(end, this.size))
        if (data.byteLength === 0) return Promise.resolve()
        this.#at = end
        return new Promise((taken, lost) => {
          this.#given.push({ data, taken, lost })
          this.#more()
        })
      },
      close: async () => {
        if (this.#broken) throw this.#broken
        if (this.#at !== this.size) throw wrongSize(this.#at, this.size)
        this.#whole = true
        this.#more()
      },
      abort: async (keep) => {
        if (keep) return
        if (this.#at > 0) return gaveUp()
        this.#dropped = true
        this.#more()
      },
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#more = resolve
    })
  }
}
