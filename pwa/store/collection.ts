import { type ReadonlySignal, signal } from '@preact/signals'
import type { Shelf, ShelfName } from './shelf.ts'

/** Tells the other windows that a record has changed. */
export type Announce = (name: ShelfName, id: string) => void

/** A shelf whose records are all held in memory as a live list, equal in all windows. */
export class Collection<T extends { id: string }> {
  readonly #shelf: Shelf<T>
  readonly #name: ShelfName
  readonly #announce: Announce
  readonly #items = signal<readonly T[]>([])

  constructor(shelf: Shelf<T>, name: ShelfName, announce: Announce) {
    this.#shelf = shelf
    this.#name = name
    this.#announce = announce
  }

  /** In the order in which they were first put. */
  get items(): ReadonlySignal<readonly T[]> {
    return this.#items
  }

  get(id: string): T | undefined {
    return this.#items.value.find((item) => item.id === id)
  }

  /** Shown at once. Rejects with `StoreFailure`; the list is then as before. */
  async put(item: T): Promise<void> {
    const peek = () => this.#items.peek().find(({ id }) => id === item.id)
    const before = peek()
    this.#show(item.id, item)
    try {
      await this.#shelf.put(item)
    } catch (error) {
      if (peek() === item) this.#show(item.id, before)
      throw error
    }
    this.#announce(this.#name, item.id)
  }

  /** Keeps it unless there is one of this id, be it from another window, which is shown then; whether it did. Rejects with `StoreFailure`. */
  async add(item: T): Promise<boolean> {
    const isNew = await this.#shelf.add(item)
    if (isNew) {
      this.#show(item.id, item)
      this.#announce(this.#name, item.id)
    } else await this.refresh(item.id)
    return isNew
  }

  /** Changes what is stored now, whichever window wrote it; does nothing if it is gone. */
  async update(id: string, change: (old: T) => T): Promise<void> {
    const row = await this.#shelf.update(id, change)
    if (!row) return
    this.#show(id, row)
    this.#announce(this.#name, id)
  }

  async remove(id: string): Promise<void> {
    await this.#shelf.remove(id)
    this.#show(id, undefined)
    this.#announce(this.#name, id)
  }

  /** Reads everything again. */
  async load(): Promise<void> {
    this.#items.value = await this.#shelf.all()
  }

  /** Reads one record again that another window has changed. */
  async refresh(id: string): Promise<void> {
    this.#show(id, await this.#shelf.get(id))
  }

  #show(id: string, item: T | undefined): void {
    const items = this.#items.peek()
    const at = items.findIndex((other) => other.id === id)
    if (at < 0) {
      if (item) this.#items.value = [...items, item]
    } else this.#items.value = item ? items.with(at, item) : items.toSpliced(at, 1)
  }
}
