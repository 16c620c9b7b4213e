import type { FileInfo } from '../../../shared/fileInfo.ts'
import { bounds } from '../../../shared/protocol.ts'
import type { Transfer } from '../../store/schema.ts'
import { Failed, failureOf } from '../failure.ts'
import type { DownloadGoal } from '../out/goal.ts'
import type { Sftp } from '../sftp.ts'
import { passes } from './backOff.ts'
import type { Conflicts } from './conflicts.ts'
import { courseOf, type Doing } from './fileCourse.ts'
import type { FileWork } from './fileWork.ts'
import type { ItemList } from './itemList.ts'
import { keptFailure } from './keptFailure.ts'
import { itemsLost, KeptRecord, type RecordPorts } from './keptRecord.ts'
import { Listing } from './listing.ts'
import { Progress } from './progress.ts'
import { isOfAll } from './remote.ts'
import { Sources } from './sources.ts'
import { randomOf, removeAll, unfinished } from './unfinished.ts'
import type { UploadSource } from './uploadSource.ts'
import type { Ways } from './ways.ts'

/** Places that a large and a small file take of a host's 32: eight large ones at once, or thirty-two small ones. */
const cost = { large: 4, small: 1 } as const

/** What a transfer needs of the queue. */
export interface OwnPorts extends RecordPorts {
  conflicts: Conflicts
  verify(): 'size' | 'hash'
}

/** A transfer that this window has: it does what there is to be done, file by file, and keeps how far it is. */
export class OwnTransfer {
  readonly id: string
  /** What takes the files of a download. */
  goal: DownloadGoal | undefined
  readonly #ports: OwnPorts
  readonly #list: ItemList
  readonly #kept: KeptRecord
  readonly #progress: Progress
  readonly #sources: Sources
  readonly #listing: Listing
  /** Items that were begun in an earlier run. */
  #begun: ReadonlySet<number> = new Set()

  constructor(ports: OwnPorts, record: Transfer, list: ItemList, goal?: DownloadGoal) {
    this.id = record.id
    this.goal = goal
    this.#ports = ports
    this.#list = list
    this.#kept = new KeptRecord(ports, record, list)
    this.#progress = new Progress(this.#kept, list)
    this.#sources = new Sources(this.#kept, list)
    const { changed } = ports
    this.#listing = new Listing({ kept: this.#kept, list, progress: this.#progress, sources: this.#sources, changed })
  }

  get record(): Transfer {
    return this.#kept.now
  }

  /** Bytes that have come. */
  get bytes(): number {
    return this.#progress.bytes
  }

  /** Bytes a second. */
  get rate(): number {
    return this.#progress.rate.value(performance.now())
  }

  /** Counts up with everything that gets further. */
  get steps(): number {
    return this.#progress.steps
  }

  /** The file that was begun last. */
  get current(): string | undefined {
    return this.#progress.current
  }

  /** Whether it would be lost with this page. */
  get bound(): boolean {
    const { kind, goal } = this.record
    if (kind === 'download') return goal?.handle === undefined
    return kind === 'upload' && this.#sources.bound
  }

  /** Whether files can be read that no other window could. */
  get hasSources(): boolean {
    return this.#sources.any
  }

  /** Files that nothing gives any more: the page was reloaded. */
  get needs(): 'handles' | 'person' | undefined {
    const { kind, listed } = this.record
    if (kind !== 'upload' || this.#listing.taking) return undefined
    return listed ? this.#sources.needs : 'person'
  }

  /** The handles that the files that are left are read by. */
  get handles(): readonly FileSystemHandle[] {
    return this.#sources.handles
  }

  /** Changes the record; kept at once. Rejects with `StoreFailure`. */
  set(change: Partial<Transfer>): Promise<void> {
    return this.#kept.set(change)
  }

  /** Adds what a person gives; it can be run meanwhile. Rejects with what reading rejects with. */
  take(sources: AsyncIterable<UploadSource> | readonly UploadSource[]): Promise<void> {
    return this.#listing.take(sources)
  }

  /** Adds what a person has chosen on a host. */
  choose(files: readonly FileInfo[]): Promise<void> {
    return this.#listing.choose(files)
  }

  /**
   * The files are given again after a reload: each counts where it has the same place and is what it was.
   * @returns whether nothing is missing now
   */
  async again(sources: AsyncIterable<UploadSource> | readonly UploadSource[]): Promise<boolean> {
    await this.#listing.again(sources)
    return this.needs === undefined
  }

  /** Reads the files by the handles that were kept, once the browser allows that. */
  useHandles(): void {
    this.#sources.useHandles()
  }

  /** Those that failed are to be tried again. */
  reset(): void {
    let failed = 0
    for (const [at, { state, acked, tries }] of this.#list.items.entries())
      if (state === 'failed') {
        failed++
        this.#list.change(at, {
          state: acked || tries ? 'begun' : 'waiting',
          failure: undefined,
          choice: undefined,
        })
      }
    // The others were directories that could not be read.
    const isUnread = this.record.problemCount > failed && this.record.kind !== 'upload'
    this.#kept.change({
      ...(isUnread && { listed: false }),
      problems: [],
      problemCount: 0,
      failure: undefined,
      finishedAt: undefined,
    })
    this.#ports.changed()
  }

  /**
   * Does what is left. Resolves when every file is done, left out or has failed by itself; rejects with the reason of the abort,
   * or with a `Failed` that is about all of them.
   */
  async run(ways: Ways, abort: AbortSignal): Promise<void> {
    // Of one that is not known as a whole nothing can be said to be done.
    if (itemsLost(this.record, this.#list)) throw new Failed('items-lost')
    const run = new AbortController()
    const stop = () => run.abort(abort.reason)
    abort.addEventListener('abort', stop)
    if (abort.aborted) stop()
    const running = new Set<Promise<void>>()
    const fail = (error: unknown) => {
      if (!run.signal.aborted) run.abort(error)
    }
    this.#begun = new Set(this.#list.items.flatMap(({ state }, at) => (state === 'begun' ? at : [])))
    const listing = this.#listing.walk(ways, run.signal).catch(fail)
    try {
      const doing = courseOf({
        record: this.record,
        ways,
        goal: this.goal,
        left: () => this.record.total - this.bytes,
        file: (at) => this.#sources.file(at),
      })
      for await (const at of this.#listing.left(run.signal)) {
        const { size, kind } = this.#list.at(at)
        const places = kind === 'file' && size > bounds.fileData ? cost.large : cost.small
        const release = await ways.slots.take(this.id, places, run.signal)
        const one = this.#one(at, doing, run.signal)
          .catch(fail)
          .finally(() => {
            release()
            running.delete(one)
          })
        running.add(one)
      }
      await listing
      while (running.size > 0) await Promise.all(running)
      run.signal.throwIfAborted()
      if (this.record.how === 'move' && ways.from) await this.#removeDirectories(ways.from)
    } catch (error) {
      fail(error)
      throw run.signal.reason
    } finally {
      abort.removeEventListener('abort', stop)
      // What is on its way has been told, and what it still does must not meet the next run.
      await Promise.all([listing, ...running])
      this.#progress.rest()
      await this.#list.keep().catch(this.#ports.report)
    }
  }

  /** Removes from the host what is not finished; resolves with what is left, and what cannot be removed. */
  clean(sftp: Sftp | undefined): Promise<{ left: string[]; stuck: string[] }> {
    const { leftovers } = this.record
    return removeAll(sftp, leftovers ?? unfinished(this.record, this.#list.items))
  }

  /** Nothing of it is to be kept any more. Rejects with `StoreFailure`. */
  remove(): Promise<void> {
    return this.#kept.remove()
  }

  /** What it is made of is not needed any more. Rejects with `StoreFailure`. */
  async dropItems(): Promise<void> {
    this.#kept.change({ roots: undefined })
    await this.#list.remove(this.record.chunks)
  }

  /** Says how it goes; kept once a second. */
  tell(state: NonNullable<Transfer['live']>['state']): void {
    const { current, rate } = this
    this.#kept.change({
      bytes: Math.min(this.bytes, Number.MAX_SAFE_INTEGER),
      live: { at: Date.now(), state, rate, ...(current !== undefined && { current }) },
    })
    this.#kept.saveSoon()
  }

  /** The window lets go of it, and leaves it to others. Rejects with `StoreFailure`. */
  async leave(): Promise<void> {
    await this.#list.keep()
    await this.#kept.leave()
  }

  async #one(at: number, doing: Doing, signal: AbortSignal): Promise<void> {
    try {
      signal.throwIfAborted()
      this.#progress.begin(at)
      const outcome = await doing(this.#work(at, signal), at)
      this.#list.change(at, { state: outcome, failure: undefined })
      this.#sources.forget(at)
      this.#progress.step()
      this.#progress.settle(at)
    } catch (error) {
      if (signal.aborted || passes(error) || isOfAll(error)) throw error
      this.#progress.drop(at)
      const failure = failureOf(error)
      if (failure.code === 'unexpected') this.#ports.report(error)
      this.#list.change(at, { state: 'failed', failure: keptFailure(failure) })
      this.#kept.addProblem(this.#list.at(at).path.join('/'), failure)
    } finally {
      this.#progress.end(at)
      this.#ports.changed()
    }
  }

  #work(at: number, signal: AbortSignal): FileWork {
    const { conflicts, verify, report, changed } = this.#ports
    const [list, kept, progress] = [this.#list, this.#kept, this.#progress]
    let told = false
    return {
      get item() {
        return list.at(at)
      },
      again: this.#begun.has(at),
      random: randomOf(this.record, at),
      verify: verify(),
      signal,
      change: (change) => {
        if (signal.aborted) return
        if (change.size !== undefined) progress.resize(change.size - list.at(at).size)
        list.change(at, change)
      },
      begin: async () => {
        if (list.at(at).state === 'waiting') list.change(at, { state: 'begun' })
        await list.keep().catch(report)
        signal.throwIfAborted()
      },
      advance: (offset) => {
        if (signal.aborted) return
        // The first of a try says only what a former one has left.
        if (told && progress.isFurther(at, offset)) progress.step()
        told = true
        progress.advance(at, offset)
        changed()
      },
      choose: async (path, there, choices) => {
        const forAll = kept.now.choice
        if (forAll !== undefined) return forAll === 'resume' && !choices.includes('resume') ? 'replace' : forAll
        const { size, modifiedAt } = list.at(at)
        const question = { transferId: this.id, path, there, ours: { size, modifiedAt }, choices }
        return conflicts.ask(question, (choice) => void kept.set({ choice }).catch(report), signal)
      },
    }
  }

  /** Of what was moved the directories are left, and go where they are empty now; the deepest first. */
  async #removeDirectories(sftp: Sftp): Promise<void> {
    const all = this.#list.items.filter(({ kind, state }) => kind === 'directory' && state === 'done')
    for (const { from } of all.toSorted((a, b) => b.path.length - a.path.length)) {
      if (from === undefined) continue
      await sftp.ask('sftp-rmdir', { path: from }).catch((error: unknown) => {
        if (passes(error)) throw error
      })
    }
  }
}
