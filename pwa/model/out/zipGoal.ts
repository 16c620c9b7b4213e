import { makeZip } from 'client-zip'
import { Failed, failureOf } from '../failure.ts'
import type { DownloadGoal, Sink } from './goal.ts'
import { LocalNames, pathKey } from './localNames.ts'
import { changedMeanwhile } from './mismatch.ts'
import type { OpenOutlet } from './outlet.ts'
import { wholeZip } from './wholeZip.ts'
import { ZipEntry } from './zipEntry.ts'

/** What a zip can say of a time: from 1980 to 2107 (APPNOTE.TXT §4.4.6). */
const earliest = new Date(1980, 0, 1).getTime()
const latest = new Date(2107, 11, 31).getTime()

interface Directory {
  /** With a slash at its end; empty for the top. */
  path: string
  names: LocalNames
}

interface Folder {
  name: string
  modifiedAt: number
}

/**
 * Files and folders as one zip, made while they come: names in UTF-8, times kept, nothing compressed, any size. The files
 * stand in it in the order in which they were opened; a file that is given up within leaves the whole failed.
 */
export class ZipGoal implements DownloadGoal {
  readonly kind = 'zip'
  readonly #name: string
  readonly #openOutlet: OpenOutlet
  readonly #directories = new Map<string, Directory>([[pathKey([]), { path: '', names: new LocalNames() }]])
  readonly #entries = new Map<string, ZipEntry>()
  /** In order; a set, since the first of many goes in no time. */
  readonly #waiting = new Set<ZipEntry | Folder>()
  readonly #ended = new AbortController()
  readonly #stopped = new AbortController()
  #count = 0
  #closing = false
  #more = () => {}
  #running: Promise<void> | undefined

  /** @param name of the zip, safe on this device */
  constructor(name: string, open: OpenOutlet) {
    this.#name = name
    this.#openOutlet = open
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  async open(path: readonly string[], size: number, modifiedAt: number): Promise<Sink> {
    this.#stopped.signal.throwIfAborted()
    const name = this.#place(path)
    let entry = this.#entries.get(name)
    if (entry && (entry.size !== size || entry.modifiedAt !== modifiedAt)) throw changedMeanwhile()
    if (!entry) {
      entry = new ZipEntry(name, size, modifiedAt)
      this.#entries.set(name, entry)
      this.#add(entry)
    }
    return entry.sink(() => void this.fail(new Failed('zip-broken')))
  }

  async directory(path: readonly string[], modifiedAt = Date.now()): Promise<void> {
    this.#stopped.signal.throwIfAborted()
    this.#add({ name: this.#directory(path).path, modifiedAt })
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#more()
    this.#running ??= this.#run()
    await this.#running
  }

  async fail(error: unknown): Promise<void> {
    if (this.#stopped.signal.aborted) return
    const reason = error instanceof Failed ? error : new Failed(failureOf(error), error)
    this.#stopped.abort(reason)
    for (const entry of this.#entries.values()) entry.break(reason)
    this.#more()
    await this.#running?.catch(() => undefined)
  }

  #add(entry: ZipEntry | Folder): void {
    this.#waiting.add(entry)
    this.#more()
    this.#running ??= this.#run()
    // Whoever writes next, or closes, hears of it.
    this.#running.catch((error: unknown) => void this.fail(error))
  }

  #directory(path: readonly string[]): Directory {
    const key = pathKey(path)
    const known = this.#directories.get(key)
    if (known) return known
    const made = { path: `${this.#place(path)}/`, names: new LocalNames() }
    this.#directories.set(key, made)
    return made
  }

  #place(path: readonly string[]): string {
    const above = this.#directory(path.slice(0, -1))
    return above.path + above.names.of(path.at(-1) ?? '')
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    // Nothing is seen of it before there is something in it.
    await this.#next()
    signal.throwIfAborted()
    const outlet = await this.#openOutlet({ name: this.#name, type: 'application/zip' })
    outlet.ended.addEventListener('abort', () => {
      this.#ended.abort(outlet.ended.reason)
      void this.fail(outlet.ended.reason)
    })
    const zip = makeZip(this.#inputs(), { buffersAreUTF8: true })
    try {
      for await (const part of wholeZip(partsOf(zip), () => this.#count)) {
        signal.throwIfAborted()
        // What is in a zip may be read again by who makes it.
        await outlet.write(part.slice())
      }
      signal.throwIfAborted()
    } catch (error) {
      await outlet.fail()
      throw error
    }
    await outlet.close()
  }

  /** The first entry that waits and has something to say; undefined at the end. */
  async #next(): Promise<ZipEntry | Folder | undefined> {
    while (!this.#stopped.signal.aborted) {
      const [first] = this.#waiting
      if (first instanceof ZipEntry) {
        if (await first.begins()) return first
        this.#waiting.delete(first)
        this.#entries.delete(first.name)
      } else if (first || this.#closing) return first
      else {
        await new Promise<void>((resolve) => {
          this.#more = resolve
        })
      }
    }
    return undefined
  }

  async *#inputs() {
    for (;;) {
      const entry = await this.#next()
      this.#stopped.signal.throwIfAborted()
      if (!entry) return
      this.#waiting.delete(entry)
      this.#count++
      const { name } = entry
      const lastModified = new Date(Math.min(latest, Math.max(earliest, entry.modifiedAt)))
      if (entry instanceof ZipEntry) yield { name, lastModified, input: entry.bytes() }
      else yield { name, lastModified }
      this.#entries.delete(name)
    }
  }
}

/** Streams cannot be iterated in Safari. */
async function* partsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // It rejects with what it is told, where it is not at its end.
    await reader.cancel().catch(() => undefined)
  }
}
