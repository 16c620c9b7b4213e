import type { Store } from '../../store/db.ts'
import type { TransferItem } from '../../store/schema.ts'
import { Failed } from '../failure.ts'
import { treeBounds } from '../files/walk.ts'

/** Items of one chunk: a change writes as many. */
const CHUNK = 256
/** Milliseconds that changes may wait, so that many are written at once. */
const LATE = 500

/** What a transfer is made of, kept in chunks. Every promise may reject with `StoreFailure`. */
export class ItemList {
  /** False where a part of what was kept is lost. */
  readonly whole: boolean
  readonly #shelf: Store['transferItems']
  readonly #id: string
  readonly #items: TransferItem[]
  readonly #report: (error: unknown) => void
  readonly #changed = new Set<number>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #next: Promise<void> | undefined
  #last: Promise<void> = Promise.resolve()
  #kept: number
  #removed = false

  constructor(
    shelf: Store['transferItems'],
    id: string,
    report: (error: unknown) => void,
    items: TransferItem[] = [],
    whole = true,
  ) {
    this.whole = whole
    this.#shelf = shelf
    this.#id = id
    this.#report = report
    this.#items = items
    this.#kept = this.chunks
  }

  /** What is kept of a transfer, up to the first chunk that is lost. */
  static async load(
    shelf: Store['transferItems'],
    id: string,
    chunks: number,
    report: (error: unknown) => void,
  ): Promise<ItemList> {
    const items: TransferItem[] = []
    for (let chunk = 0; chunk < chunks; chunk++) {
      const kept = await shelf.get(chunkId(id, chunk))
      if (!kept) return new ItemList(shelf, id, report, items, false)
      items.push(...kept.items)
    }
    return new ItemList(shelf, id, report, items)
  }

  get items(): readonly TransferItem[] {
    return this.#items
  }

  get chunks(): number {
    return Math.ceil(this.#items.length / CHUNK)
  }

  /** So many of the chunks are kept by now. */
  get kept(): number {
    return this.#kept
  }

  /** Throws `Failed('too-many-files')`. */
  add(item: TransferItem): void {
    if (this.#items.length >= treeBounds.entries) throw new Failed('too-many-files')
    this.#touch(this.#items.push(item) - 1)
  }

  at(index: number): TransferItem {
    const item = this.#items[index]
    if (!item) throw new RangeError('there is no such item')
    return item
  }

  /** Kept soon. */
  change(index: number, change: Partial<TransferItem>): void {
    this.#items[index] = { ...this.at(index), ...change }
    this.#touch(index)
  }

  /** Resolves once all changes are kept; those that are made while others are written are written together. */
  keep(): Promise<void> {
    if (!this.#next) {
      const next = this.#last.then(() => {
        this.#next = undefined
        return this.#write()
      })
      this.#next = next
      this.#last = next.catch(() => undefined)
    }
    return this.#next
  }

  /** Forgets all of it. */
  async remove(chunks: number): Promise<void> {
    this.#removed = true
    clearTimeout(this.#timer)
    await this.#last
    this.#kept = 0
    for (let chunk = 0; chunk < Math.max(chunks, this.chunks); chunk++)
      await this.#shelf.remove(chunkId(this.#id, chunk))
  }

  #touch(index: number): void {
    this.#changed.add(Math.floor(index / CHUNK))
    this.#timer ??= setTimeout(() => {
      this.keep().catch(this.#report)
    }, LATE)
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const changed = [...this.#changed]
    this.#changed.clear()
    if (this.#removed) return
    const { chunks } = this
    try {
      await Promise.all(changed.map((chunk) => this.#put(chunk)))
    } catch (error) {
      // With the next change they are tried again.
      for (const chunk of changed) this.#changed.add(chunk)
      throw error
    }
    this.#kept = Math.max(this.#kept, chunks)
  }

  async #put(chunk: number): Promise<void> {
    const items = this.#items.slice(chunk * CHUNK, (chunk + 1) * CHUNK)
    await this.#shelf.put({ id: chunkId(this.#id, chunk), items })
  }
}

function chunkId(id: string, chunk: number): string {
  return `${id} ${chunk}`
}
