import type { IDBPDatabase } from 'idb'
import * as v from 'valibot'
import { StoreFailure } from './storeFailure.ts'

/** The object stores that hold records by `id`. */
export const shelfNames = [
  'hosts',
  'endpoints',
  'knownHosts',
  'identities',
  'vaults',
  'tabs',
  'held',
  'endings',
  'screens',
  'inputs',
  'drafts',
  'transfers',
  'transferItems',
  'settings',
] as const
export type ShelfName = (typeof shelfNames)[number]

/** A record that did not fit, as the store `aside` keeps it. */
export interface Aside {
  store: ShelfName
  id: string
  row: unknown
  why: string
  at: number
}

/**
 * One object store. A record that does not fit its schema is moved aside into its own store, never thrown at whoever
 * reads, never lost. Every promise may reject with `StoreFailure`.
 */
export class Shelf<T extends { id: string }> {
  readonly #db: IDBPDatabase
  readonly #name: ShelfName
  readonly #schema: v.GenericSchema<unknown, T>

  constructor(db: IDBPDatabase, name: ShelfName, schema: v.GenericSchema<unknown, T>) {
    this.#db = db
    this.#name = name
    this.#schema = schema
  }

  async get(id: string): Promise<T | undefined> {
    return this.#guard(async () => this.#fit(await this.#db.get(this.#name, id), id))
  }

  async all(): Promise<T[]> {
    return this.#guard(async () => {
      const tx = this.#db.transaction(this.#name)
      const [keys, rows] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()])
      const fitting = await Promise.all(rows.map((row, at) => this.#fit(row, String(keys[at]))))
      return fitting.filter((row) => row !== undefined)
    })
  }

  /** What one of its indexes says of each record, in its order; the records themselves, which may be big, are not read. */
  async index(name: string): Promise<{ id: string; key: IDBValidKey }[]> {
    return this.#guard(async () => {
      const found: { id: string; key: IDBValidKey }[] = []
      const { store } = this.#db.transaction(this.#name)
      for (let at = await store.index(name).openKeyCursor(); at; at = await at.continue())
        found.push({ id: String(at.primaryKey), key: at.key })
      return found
    })
  }

  async put(row: T): Promise<void> {
    await this.#guard(async () => {
      const tx = this.#db.transaction(this.#name, 'readwrite')
      const put = tx.store.put(row)
      // A page that goes does not live to see the answer, without which it would not be committed.
      tx.commit()
      await Promise.all([put, tx.done])
    })
  }

  /** Puts it where nothing is yet, in one transaction; false where something is, be it from another window. */
  async add(row: T): Promise<boolean> {
    return this.#guard(async () => {
      const tx = this.#db.transaction(this.#name, 'readwrite')
      const isFree = (await tx.store.getKey(row.id)) === undefined
      await Promise.all([isFree && tx.store.put(row), tx.done])
      return isFree
    })
  }

  /** Reads, changes and writes in one transaction, so that no other window's write is lost; undefined if it is gone. */
  async update(id: string, change: (old: T) => T): Promise<T | undefined> {
    return this.#guard(async () => {
      const tx = this.#db.transaction(this.#name, 'readwrite')
      const old = v.safeParse(this.#schema, await tx.store.get(id))
      const row = old.success ? change(old.output) : undefined
      await Promise.all([row && tx.store.put(row), tx.done])
      return row
    })
  }

  async remove(id: string): Promise<void> {
    await this.#guard(async () => {
      const tx = this.#db.transaction(this.#name, 'readwrite')
      const removed = tx.store.delete(id)
      tx.commit()
      await Promise.all([removed, tx.done])
    })
  }

  async #fit(row: unknown, id: string): Promise<T | undefined> {
    if (row === undefined) return undefined
    const fits = v.safeParse(this.#schema, row)
    if (fits.success) return fits.output
    const tx = this.#db.transaction([this.#name, 'aside'], 'readwrite')
    const aside: Aside = { store: this.#name, id, row, why: v.summarize(fits.issues).slice(0, 1000), at: Date.now() }
    await Promise.all([tx.objectStore('aside').add(aside), tx.objectStore(this.#name).delete(id), tx.done])
    return undefined
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw StoreFailure.of(error)
    }
  }
}
