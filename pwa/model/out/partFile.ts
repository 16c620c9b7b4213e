import { diskFailure } from './saved.ts'

/** Bytes after which what has come is put on the disk for the first time; after that whenever as much again has come. */
const FIRST_KEPT = 32 * 1024 * 1024

/**
 * A file that grows and outlives a crash of the page. Browsers write into a copy that only counts when it is closed, and
 * copy what is there when it is opened again; so it is closed each time that it has doubled.
 */
export class PartFile {
  readonly #handle: FileSystemFileHandle
  #writable: FileSystemWritableFileStream | undefined
  #at: number
  #kept: number

  constructor(handle: FileSystemFileHandle, have: number) {
    this.#handle = handle
    this.#at = have
    this.#kept = have
  }

  get size(): number {
    return this.#at
  }

  /** Adds bytes at its end. Rejects with `Failed`. */
  async write(data: Uint8Array): Promise<void> {
    try {
      this.#writable ??= await this.#handle.createWritable({ keepExistingData: this.#kept > 0 })
      await this.#writable.write({ type: 'write', position: this.#at, data: data.slice() })
      this.#at += data.byteLength
      if (this.#at - this.#kept >= Math.max(FIRST_KEPT, this.#kept)) await this.keep()
    } catch (error) {
      throw diskFailure(error)
    }
  }

  /** Puts what has come on the disk. */
  async keep(): Promise<void> {
    const writable = this.#writable
    this.#writable = undefined
    await writable?.close()
    this.#kept = this.#at
  }

  /** Lets go of what is not on the disk. */
  async drop(): Promise<void> {
    const writable = this.#writable
    this.#writable = undefined
    this.#at = this.#kept
    await writable?.abort()
  }
}
