import type { FileInfo } from '../../../shared/fileInfo.ts'
import type { TransferItem } from '../../store/schema.ts'
import { type AppFailure, Failed } from '../failure.ts'
import { isRegular } from '../files/lstat.ts'
import { nameProblem } from '../files/names.ts'
import { walk } from '../files/walk.ts'
import type { Sftp } from '../sftp.ts'
import type { ItemList } from './itemList.ts'
import { keptFailure } from './keptFailure.ts'
import type { KeptRecord } from './keptRecord.ts'
import type { Progress } from './progress.ts'
import { renamed } from './remote.ts'
import type { Sources } from './sources.ts'
import { titleOf } from './title.ts'
import type { UploadSource } from './uploadSource.ts'
import type { Ways } from './ways.ts'

/** What the list is made with. */
export interface ListingPorts {
  kept: KeptRecord
  list: ItemList
  progress: Progress
  sources: Sources
  /** Something that is shown has changed. */
  changed(): void
}

/** Finds out what a transfer is made of, while it runs already. */
export class Listing {
  readonly #ports: ListingPorts
  /** Told when there is more to be done. */
  #grown: () => void = () => undefined
  /** Whether files are being given now. */
  #taking = false

  constructor(ports: ListingPorts) {
    this.#ports = ports
  }

  /** Whether what a person gives is still being read. */
  get taking(): boolean {
    return this.#taking
  }

  /** Adds what a person gives; it can be run meanwhile. Rejects with what reading rejects with. */
  async take(sources: AsyncIterable<UploadSource> | readonly UploadSource[]): Promise<void> {
    const { kept } = this.#ports
    this.#taking = true
    try {
      for await (const source of sources) {
        if (kept.over || kept.now.state === 'cancelled') return
        this.#take(source)
      }
      await this.#listed()
    } finally {
      this.#taking = false
      this.#grown()
    }
  }

  /** Adds what a person has chosen on a host. */
  async choose(files: readonly FileInfo[]): Promise<void> {
    for (const info of files) this.#found([info.name], info, info.type === 'directory')
    if (files.every(({ type }) => type !== 'directory')) return this.#listed()
    await this.#ports.list.keep()
    await this.#ports.kept.save()
  }

  /** Files are given again after a reload; those that were not yet listed then are added. */
  async again(given: AsyncIterable<UploadSource> | readonly UploadSource[]): Promise<void> {
    const { list, kept, sources, changed } = this.#ports
    const places = new Map(list.items.map((item, at) => [item.path.join('/'), at]))
    for await (const source of given) {
      const at = places.get(source.path.join('/'))
      if (at !== undefined) sources.giveAgain(at, source)
      else if (!kept.now.listed) this.#take(source)
    }
    if (!kept.now.listed) await this.#listed()
    changed()
  }

  /** Finds what is in the directories that were chosen. */
  async walk({ from, to, near }: Ways, signal: AbortSignal): Promise<void> {
    const { kept, list } = this.#ports
    if (kept.now.listed || !from) return
    const isMoved = kept.now.how === 'move' && from === to && near
    const known = new Set(list.items.map((item) => item.path.join('/')))
    for (const root of list.items.filter((item) => item.root)) {
      if (!root.from || root.state === 'done') continue
      // A whole directory is moved by its name where it can.
      if (isMoved && (await this.#renames(root, from))) continue
      const problem = (path: string, failure: AppFailure) => kept.addProblem(path, failure)
      for await (const { relative, info } of walk(from, root.from, signal, problem)) {
        const path = [...root.path, ...relative]
        const key = path.join('/')
        if (known.has(key)) continue
        known.add(key)
        this.#found(path, info, false)
      }
      signal.throwIfAborted()
    }
    await this.#listed()
  }

  /** What is to be done, in order, as long as more may come. Rejects with the reason of the abort. */
  async *left(signal: AbortSignal): AsyncGenerator<number, void, undefined> {
    const { kept, list } = this.#ports
    for (let at = 0; ; at++) {
      while (at >= list.items.length) {
        if (kept.now.listed) return
        await this.#more(signal)
      }
      // A directory that may yet be moved as a whole is not made.
      if (list.at(at).root && kept.now.how === 'move') while (!kept.now.listed) await this.#more(signal)
      const { state } = list.at(at)
      if (state === 'waiting' || state === 'begun') yield at
    }
  }

  #take({ path, kind, file, handle, root, size, modifiedAt }: UploadSource): void {
    const { list, sources } = this.#ports
    sources.addRoot(root)
    const item = { path: [...path], kind, size: size ?? 0, modifiedAt: modifiedAt ?? 0, ...(handle && { handle }) }
    if (path.some((name) => nameProblem(name) !== undefined))
      this.#add({ ...item, state: 'failed', failure: keptFailure(new Failed('bad-name')) })
    else {
      this.#add({ ...item, state: 'waiting' })
      sources.give(list.items.length - 1, file)
    }
  }

  #found(path: string[], info: FileInfo, root: boolean): void {
    const { size, type, modifiedAt } = info
    const what = this.#ports.kept.now.kind
    const kind: TransferItem['kind'] = type === 'symlink' ? 'link' : type
    const moment = modifiedAt.getTime()
    const item = { path, kind, size: kind === 'file' ? size : 0, modifiedAt: moment, from: info.path, root }
    if (path.some((name) => nameProblem(name) !== undefined && what === 'copy'))
      this.#add({ ...item, state: 'failed', failure: keptFailure(new Failed('bad-name')) })
    else if (kind === 'link' && what === 'download') this.#add({ ...item, state: 'skipped' })
    else if (kind === 'file' && !isRegular(info))
      this.#add({ ...item, state: 'failed', failure: keptFailure(new Failed('not-a-file')) })
    else this.#add({ ...item, state: 'waiting' })
  }

  #add(item: TransferItem): void {
    const { list, kept, progress, changed } = this.#ports
    list.add(item)
    progress.add(item)
    if (item.state === 'skipped') progress.settle(list.items.length - 1)
    if (item.failure) kept.addProblem(item.path.join('/'), item.failure)
    this.#grown()
    changed()
  }

  async #listed(): Promise<void> {
    const { list, kept } = this.#ports
    await list.keep()
    await kept.set({ listed: true, title: titleOf(list.items.map(({ path }) => path[0] ?? '')) })
    this.#grown()
  }

  async #renames(item: TransferItem, sftp: Sftp): Promise<boolean> {
    const { list, kept } = this.#ports
    const at = list.items.indexOf(item)
    const done = item.from !== undefined && (await renamed(sftp, item.from, kept.now.directory ?? '/', item.path))
    if (done) list.change(at, { state: 'done' })
    return done
  }

  /** Resolves when there is more, or all is known. Rejects with the reason of the abort. */
  async #more(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', go)
        resolve()
      }
      this.#grown = go
      signal.addEventListener('abort', go)
      if (signal.aborted) go()
    })
    signal.throwIfAborted()
  }
}
