import type { DownloadGoal, Sink } from './goal.ts'
import { changedMeanwhile, wrongSize } from './mismatch.ts'
import { diskFailure } from './saved.ts'

/**
 * One file that the person has named. What has that name stays until all is there and is then replaced; after a reload
 * it begins anew.
 */
export class SavedFileGoal implements DownloadGoal {
  readonly kind = 'handle'
  readonly handle: FileSystemFileHandle
  readonly ended = new AbortController().signal
  #writable: FileSystemWritableFileStream | undefined
  #at = 0
  #size: number | undefined

  constructor(handle: FileSystemFileHandle) {
    this.handle = handle
  }

  async open(_path: readonly string[], size: number): Promise<Sink> {
    if (this.#at > 0 && this.#size !== size) throw changedMeanwhile()
    this.#size = size
    return {
      have: this.#at,
      write: async (offset, data) => {
        const end = offset + data.byteLength
        if (offset !== this.#at || end > size) throw wrongSize(end, size)
        try {
          this.#writable ??= await this.handle.createWritable()
          await this.#writable.write(data.slice())
        } catch (error) {
          throw diskFailure(error)
        }
        this.#at = end
      },
      close: async () => {
        if (this.#at !== size) throw wrongSize(this.#at, size)
        try {
          this.#writable ??= await this.handle.createWritable()
          await this.#writable.close()
        } catch (error) {
          throw diskFailure(error)
        }
        this.#writable = undefined
      },
      abort: async (keep) => {
        if (!keep) await this.fail()
      },
    }
  }

  directory(): Promise<void> {
    throw new Error('One file was promised')
  }

  async close(): Promise<void> {
    if (this.#writable) await this.fail()
  }

  async fail(): Promise<void> {
    const writable = this.#writable
    this.#writable = undefined
    this.#at = 0
    this.#size = undefined
    await writable?.abort()
  }
}
