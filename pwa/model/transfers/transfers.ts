import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { FileInfo } from '../../../shared/fileInfo.ts'
import type { Transfer } from '../../store/schema.ts'
import type { DownloadGoal } from '../out/goal.ts'
import type { TabView } from '../tabs.ts'
import { isExpired } from './expired.ts'
import type { Queue } from './queue.ts'
import type { TransfersPorts } from './transfersPorts.ts'
import type { Conflict, Summary, TransferView } from './transferView.ts'
import type { UploadSource } from './uploadSource.ts'
import { summaryOf, viewsOf } from './views.ts'

/**
 * Files on their way between this device and hosts: kept in the browser, run by one window at a time, over whichever tab leads
 * to their host, and gone on with after a cut, a reload or a crash. What is there is the old file or the whole new one, always.
 * What does the work is loaded when there is some.
 */
export class Transfers {
  /** In the order in which they were begun, of all windows. */
  readonly items: ReadonlySignal<readonly TransferView[]>
  readonly summary: ReadonlySignal<Summary>
  /** Whether one that is not over would be lost with this page. */
  readonly bound: ReadonlySignal<boolean>
  /** The question that is to be answered now, about a file that is there already. */
  readonly conflict: ReadonlySignal<Conflict | undefined>
  readonly #ports: TransfersPorts
  readonly #queue = signal<Queue | undefined>(undefined)
  readonly #stop: () => void
  #loading: Promise<Queue> | undefined
  #closed = false

  constructor(ports: TransfersPorts) {
    this.#ports = ports
    const records = ports.store.transfers.items
    this.items = computed(() => this.#queue.value?.items.value ?? viewsOf(records.value))
    this.summary = computed(() => summaryOf(this.items.value))
    this.bound = computed(() => this.#queue.value?.bound.value ?? false)
    this.conflict = computed(() => this.#queue.value?.conflict.value)
    const now = Date.now()
    this.#stop = effect(() => {
      if (records.value.some((record) => isLeft(record, now))) untracked(() => this.#load().catch(ports.report))
    })
  }

  /**
   * Uploads files into a directory of a tab's host; they are read while it runs. Resolves with the id of the transfer once that is
   * kept. Rejects with `Failed` or `StoreFailure`.
   * @param directory absolute
   */
  async upload(
    tab: TabView,
    directory: string,
    sources: AsyncIterable<UploadSource> | readonly UploadSource[],
  ): Promise<string> {
    return (await this.#load()).upload(tab, directory, sources)
  }

  /** Downloads files and directories of a tab's host. Resolves with the id of the transfer. Rejects with `Failed` or `StoreFailure`. */
  async download(tab: TabView, files: readonly FileInfo[], goal: DownloadGoal): Promise<string> {
    return (await this.#load()).download(tab, files, goal)
  }

  /**
   * Copies or moves files and directories to a directory of another tab's host, or of the same. Resolves with the id of the
   * transfer. Rejects with `Failed` or `StoreFailure`.
   */
  async copy(
    from: TabView,
    files: readonly FileInfo[],
    to: TabView,
    directory: string,
    how: 'copy' | 'move' = 'copy',
  ): Promise<string> {
    return (await this.#load()).copy(from, files, to, directory, how)
  }

  /** It stops, and keeps what has come. */
  async pause(id: string): Promise<void> {
    return (await this.#load()).wish(id, 'pause')
  }

  /** It goes on; of one that needs its files the browser asks whether it may read them. Call it from a click. */
  async resume(id: string): Promise<void> {
    return (await this.#load()).wish(id, 'resume')
  }

  /** It ends, and takes back what is unfinished. */
  async cancel(id: string): Promise<void> {
    return (await this.#load()).wish(id, 'cancel')
  }

  /** What has failed is tried again. */
  async retry(id: string): Promise<void> {
    return (await this.#load()).wish(id, 'retry')
  }

  /** One that is over goes from the list. */
  async remove(id: string): Promise<void> {
    return (await this.#load()).wish(id, 'remove')
  }

  /** All that are over go from the list, but for those that failed. */
  async clearFinished(): Promise<void> {
    await this.#each(({ state }) => state === 'done' || state === 'cancelled', 'remove')
  }

  async pauseAll(): Promise<void> {
    await this.#each(({ state }) => state === 'queued', 'pause')
  }

  async resumeAll(): Promise<void> {
    await this.#each(({ state }) => state === 'paused', 'resume')
  }

  /**
   * The person gives the files of an upload again, after a reload: it goes on from where it was. Rejects with
   * `Failed('source-changed')` where they are not all of those.
   */
  async needsFile(id: string, sources: AsyncIterable<UploadSource> | readonly UploadSource[]): Promise<void> {
    return (await this.#load()).needsFile(id, sources)
  }

  /** Lets go of everything and ends nothing; resolves once it is kept. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stop()
    const queue = await this.#loading?.catch(() => undefined)
    await queue?.close()
  }

  async #each(are: (record: Transfer) => boolean, wish: 'pause' | 'resume' | 'remove'): Promise<void> {
    const records = this.#ports.store.transfers.items.peek().filter(are)
    await Promise.all(records.map(({ id }) => this[wish](id)))
  }

  /** Rejects where the network is gone and the code is not there; the next call tries again. */
  #load(): Promise<Queue> {
    this.#loading ??= import('./queue.ts').then(
      ({ Queue }) => {
        const queue = new Queue(this.#ports)
        // One that is made after the end holds on to nothing: `close` waits for it.
        if (!this.#closed) this.#queue.value = queue
        return queue
      },
      (error: unknown) => {
        this.#loading = undefined
        throw error
      },
    )
    return this.#loading
  }
}

/** Whether a window has something to do for it: to go on with it, to tidy up after it, or to forget it. */
function isLeft(record: Transfer, now: number): boolean {
  const { state, leftovers } = record
  return state === 'queued' || (state === 'cancelled' && Boolean(leftovers?.length)) || isExpired(record, now)
}
