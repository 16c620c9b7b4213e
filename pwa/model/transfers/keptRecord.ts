import type { Store } from '../../store/db.ts'
import type { Transfer } from '../../store/schema.ts'
import type { AppFailure } from '../failure.ts'
import type { ItemList } from './itemList.ts'
import { keptFailure } from './keptFailure.ts'

/** Milliseconds between two records of how far it is. */
const EVERY = 1_000
/** Problems that are kept; the others are counted. */
const MOST_PROBLEMS = 100

/** What the record of a transfer needs of the queue. */
export interface RecordPorts {
  store: Store
  report(error: unknown): void
  /** Something that is shown has changed. */
  changed(): void
}

/** The record of a transfer that this window has: changed at once, kept in order, once a second while it goes on. */
export class KeptRecord {
  readonly #ports: RecordPorts
  readonly #list: ItemList
  #now: Transfer
  #saving: ReturnType<typeof setTimeout> | undefined
  #saved: Promise<void> = Promise.resolve()
  #over = false

  constructor(ports: RecordPorts, record: Transfer, list: ItemList) {
    this.#ports = ports
    this.#now = record
    this.#list = list
  }

  get now(): Transfer {
    return this.#now
  }

  /** Whether this window has let go of it. */
  get over(): boolean {
    return this.#over
  }

  /** Kept with what is kept next. */
  change(change: Partial<Transfer>): void {
    this.#now = { ...this.#now, ...change }
  }

  /** Changes it; kept at once. Rejects with `StoreFailure`. */
  async set(change: Partial<Transfer>): Promise<void> {
    this.change(change)
    this.#ports.changed()
    await this.save()
  }

  /** Counts a file that could not be done, or a directory that could not be read. */
  addProblem(path: string, failure: AppFailure): void {
    const { problems, problemCount } = this.#now
    const more = { path, failure: keptFailure(failure) }
    this.change({
      problems: problems.length < MOST_PROBLEMS ? [...problems, more] : problems,
      problemCount: problemCount + 1,
    })
    this.#ports.changed()
  }

  /** Kept within a second. */
  saveSoon(): void {
    this.#saving ??= setTimeout(() => void this.save().catch(this.#ports.report), EVERY)
  }

  /** Rejects with `StoreFailure`. */
  save(): Promise<void> {
    clearTimeout(this.#saving)
    this.#saving = undefined
    this.#saved = this.#saved.then(async () => {
      // It tells of no more chunks than are there, so that one which is missing after a crash was lost; and that it was is kept.
      if (!itemsLost(this.#now, this.#list)) this.#now = { ...this.#now, chunks: this.#list.kept }
      if (!this.#over) await this.#ports.store.transfers.put(this.#now)
    })
    const saved = this.#saved
    this.#saved = saved.catch(() => undefined)
    return saved
  }

  /** Keeps it for the last time, and leaves it to others. Rejects with `StoreFailure`. */
  async leave(): Promise<void> {
    // Nobody has it now, so it does not go on.
    this.change({ live: undefined })
    await this.save()
    this.#over = true
  }

  /** It is not to be kept any more. Rejects with `StoreFailure`. */
  async remove(): Promise<void> {
    this.#over = true
    clearTimeout(this.#saving)
    await this.#saved
    await this.#list.remove(this.#now.chunks)
    await this.#ports.store.transfers.remove(this.#now.id)
  }
}

/** Whether it is not known as a whole any more; an upload that was not listed to its end is given again by the person. */
export function itemsLost({ kind, listed }: Transfer, { whole, items }: ItemList): boolean {
  return kind === 'upload' ? listed && !whole : !whole || (!listed && items.length === 0)
}
