import { type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { Store } from '../../store/db.ts'
import type { Transfer } from '../../store/schema.ts'
import { Failed } from '../failure.ts'
import type { DownloadGoal } from '../out/goal.ts'
import { Holding, type Release } from './holding.ts'
import { ItemList } from './itemList.ts'
import type { Own } from './own.ts'
import type { OwnTransfer } from './ownTransfer.ts'

/** Milliseconds after which a window that has said nothing has gone, where there are no locks. */
const SILENT = 10_000

/** What the set needs of the queue. */
export interface OwnSetPorts {
  store: Store
  locks: LockManager | undefined
  /** The id of this window. */
  window: string
  report(error: unknown): void
  make(record: Transfer, list: ItemList, goal: DownloadGoal | undefined): OwnTransfer
  /** Ends the run of one. */
  stop(own: Own): void
  /** Something may be to be begun, or let go of. */
  look(): void
}

/** The transfers that this window has, and no other. */
export class OwnSet {
  readonly #ports: OwnSetPorts
  readonly #holding: Holding
  readonly #all = signal<ReadonlyMap<string, Own>>(new Map())
  /** Those that are being let go of. */
  readonly #leaving = new Map<string, Promise<void>>()
  readonly #closing = new AbortController()

  constructor(ports: OwnSetPorts) {
    this.#ports = ports
    this.#holding = new Holding(ports.locks)
  }

  get all(): ReadonlySignal<ReadonlyMap<string, Own>> {
    return this.#all
  }

  /**
   * Keeps a new transfer and has it. Rejects with `StoreFailure`.
   * @param first is done to it before anything else can be
   */
  async begin(record: Transfer, goal: DownloadGoal | undefined, first: (own: Own) => void): Promise<void> {
    const { store, report } = this.#ports
    const release = await this.#holding.take(record.id, true)
    if (!release) throw new Failed('unexpected')
    try {
      await store.transfers.put(record)
    } catch (error) {
      release()
      throw error
    }
    this.#adopt(record, release, new ItemList(store.transferItems, record.id, report), goal, first)
  }

  /**
   * Has it, if no other window does. Rejects with `StoreFailure`.
   * @param first is done to it before anything else can be
   */
  async take(id: string, first: (own: Own) => void = () => undefined): Promise<Own | undefined> {
    if (!this.#all.peek().has(id)) await this.#leaving.get(id)
    const have = this.#all.peek().get(id)
    if (have) {
      first(have)
      return have
    }
    const { store, report, window } = this.#ports
    const known = untracked(() => store.transfers.get(id))
    const silent = Date.now() - (known?.live?.at ?? 0) > SILENT
    const release = await this.#holding.take(id, known?.window === window || silent)
    if (!release) return undefined
    try {
      // What the window that had it has written last.
      await store.transfers.refresh(id)
      const record = untracked(() => store.transfers.get(id))
      const list = record && (await ItemList.load(store.transferItems, id, record.chunks, report))
      const mine = this.#all.peek().get(id)
      if (mine || !list || this.#closing.signal.aborted) {
        release()
        if (mine) first(mine)
        return mine
      }
      return this.#adopt(record, release, list, undefined, first)
    } catch (error) {
      release()
      throw error
    }
  }

  /** Does something to a transfer; false where another window has it. */
  async with(id: string, work: (own: Own) => Promise<void>): Promise<boolean> {
    const own = await this.take(id, (taken) => {
      taken.busy++
    })
    if (!own) return false
    try {
      await work(own)
    } finally {
      own.busy--
      this.#ports.look()
    }
    return true
  }

  /** Resolves when no other window has it any more. */
  wait(id: string): Promise<void> {
    return this.#holding.wait(id, this.#closing.signal)
  }

  /** Lets go of it, unless something is being done to it: another window may have it. */
  leave(own: Own): Promise<void> {
    const { id } = own.transfer
    const leaving = this.#leaving.get(id) ?? this.#leave(own).finally(() => this.#leaving.delete(id))
    this.#leaving.set(id, leaving)
    return leaving
  }

  /** One that is forgotten is not had any more. */
  drop(own: Own): void {
    this.#remove(own)
    own.release()
  }

  /** Lets go of all. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all([...this.#all.peek().values()].map((own) => this.leave(own).catch(() => undefined)))
  }

  async #leave(own: Own): Promise<void> {
    this.#ports.stop(own)
    await own.ended
    if (own.busy > 0 && !this.#closing.signal.aborted) return
    own.unwatch()
    this.#remove(own)
    try {
      await own.transfer.leave()
    } finally {
      own.release()
    }
  }

  #remove(own: Own): void {
    const rest = new Map(this.#all.peek())
    rest.delete(own.transfer.id)
    this.#all.value = rest
  }

  #adopt(
    record: Transfer,
    release: Release,
    list: ItemList,
    goal: DownloadGoal | undefined,
    first: (own: Own) => void,
  ): Own {
    const own: Own = {
      transfer: this.#ports.make(record, list, goal),
      release,
      state: 'queued',
      run: undefined,
      ended: Promise.resolve(),
      failure: undefined,
      tries: 0,
      notBefore: 0,
      busy: 0,
      unwatch: () => undefined,
    }
    // Before it can be run: one without its files would ask for them.
    first(own)
    this.#all.value = new Map(this.#all.peek()).set(record.id, own)
    return own
  }
}
