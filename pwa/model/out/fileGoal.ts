import type { DownloadGoal, Sink } from './goal.ts'
import { localName } from './localName.ts'
import { pathKey } from './localNames.ts'
import { changedMeanwhile, wrongSize } from './mismatch.ts'
import type { OpenOutlet, Outlet } from './outlet.ts'

/**
 * One file as a download of the browser's own. Nothing is seen of it until its first byte has come, so that a file that
 * cannot be read is no failed download. After a cut it goes on where it was.
 */
export class FileGoal implements DownloadGoal {
  readonly kind = 'stream'
  readonly #open: OpenOutlet
  readonly #ended = new AbortController()
  #file: { path: string; size: number } | undefined
  #outlet: Promise<Outlet> | undefined
  #at = 0
  #closed = false

  constructor(open: OpenOutlet) {
    this.#open = open
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  async open(path: readonly string[], size: number): Promise<Sink> {
    const key = pathKey(path)
    if (this.#file && this.#file.path !== key) throw new Error('One file was promised')
    if (this.#file && this.#at > 0 && this.#file.size !== size) throw changedMeanwhile()
    this.#file = { path: key, size }
    const name = localName(path.at(-1) ?? '')
    return {
      have: this.#at,
      write: async (offset, data) => {
        if (offset !== this.#at || offset + data.byteLength > size) throw wrongSize(offset + data.byteLength, size)
        this.#at += data.byteLength
        await (await this.#begun(name, size)).write(data)
      },
      close: async () => {
        if (this.#at !== size) throw wrongSize(this.#at, size)
        await (await this.#begun(name, size)).close()
        this.#closed = true
      },
      abort: async (keep) => {
        if (!keep) await this.fail()
      },
    }
  }

  directory(): Promise<void> {
    throw new Error('One file was promised')
  }

  close(): Promise<void> {
    return this.#closed ? Promise.resolve() : this.fail()
  }

  async fail(): Promise<void> {
    if (this.#closed || !this.#outlet) return
    const outlet = await this.#outlet.catch(() => undefined)
    await outlet?.fail()
  }

  #begun(name: string, size: number): Promise<Outlet> {
    this.#outlet ??= this.#begin(name, size)
    return this.#outlet
  }

  async #begin(name: string, size: number): Promise<Outlet> {
    const outlet = await this.#open({ name, size, type: 'application/octet-stream' })
    outlet.ended.addEventListener('abort', () => this.#ended.abort(outlet.ended.reason))
    return outlet
  }
}
