import type { TransferItem } from '../../store/schema.ts'
import { Failed } from '../failure.ts'
import type { ItemList } from './itemList.ts'
import type { KeptRecord } from './keptRecord.ts'
import type { UploadSource } from './uploadSource.ts'
import { fileIn } from './walked.ts'

/** Directories that were given whose handles are kept. */
const MOST_ROOTS = 1_000

/** What gives the files of an upload: what the person gave in this page, or handles that were kept of it. */
export class Sources {
  readonly #kept: KeptRecord
  readonly #list: ItemList
  /** By their place in the list. */
  readonly #given = new Map<number, () => Promise<File>>()

  constructor(kept: KeptRecord, list: ItemList) {
    this.#kept = kept
    this.#list = list
  }

  /** Whether files can be read that no other window could. */
  get any(): boolean {
    return this.#given.size > 0
  }

  /** Whether some are left that would be lost with this page. */
  get bound(): boolean {
    return this.#misses((item) => !this.#keptOf(item))
  }

  /** What the files that are left need before they can be read: nothing, permission, or the person. */
  get needs(): 'handles' | 'person' | undefined {
    if (this.#misses((item, at) => !this.#given.has(at) && !this.#keptOf(item))) return 'person'
    return this.#misses((_, at) => !this.#given.has(at)) ? 'handles' : undefined
  }

  /** The handles that the files that are left are read by. */
  get handles(): readonly FileSystemHandle[] {
    const handles = new Set<FileSystemHandle>()
    for (const item of this.#list.items) {
      const handle = isLeft(item) ? (item.handle ?? this.#rootOf(item)) : undefined
      if (handle) handles.add(handle)
    }
    return [...handles]
  }

  /** Keeps the handle of a directory that was given. */
  addRoot(root: FileSystemDirectoryHandle | undefined): void {
    const { roots = [] } = this.#kept.now
    if (root && !roots.includes(root) && roots.length < MOST_ROOTS) this.#kept.change({ roots: [...roots, root] })
  }

  give(at: number, file: (() => Promise<File>) | undefined): void {
    if (file) this.#given.set(at, file)
  }

  /** The files are given again after a reload: each counts where it has the same place and is what it was. */
  giveAgain(at: number, { size, file, handle }: UploadSource): void {
    const item = this.#list.at(at)
    if (item.state === 'done' || item.state === 'skipped' || !file) return
    if (size !== undefined && item.size > 0 && size !== item.size) return
    this.#given.set(at, file)
    if (handle) this.#list.change(at, { handle })
  }

  /** Reads the files by the handles that were kept, once the browser allows that. */
  useHandles(): void {
    for (const [at, item] of this.#list.items.entries()) {
      const read = this.#keptOf(item)
      if (read && !this.#given.has(at)) this.#given.set(at, read)
    }
  }

  /** Rejects with `Failed`: `source-gone`, `source-unreadable`. */
  async file(at: number): Promise<File> {
    const source = this.#given.get(at)
    if (!source) throw new Failed('source-gone')
    try {
      return await source()
    } catch (error) {
      throw error instanceof Failed ? error : new Failed('source-unreadable', error)
    }
  }

  /** It is done with. */
  forget(at: number): void {
    this.#given.delete(at)
  }

  #misses(is: (item: TransferItem, at: number) => boolean): boolean {
    return this.#list.items.some(
      (item, at) => item.kind === 'file' && (item.state === 'waiting' || item.state === 'begun') && is(item, at),
    )
  }

  /** What reads a file again by the handles that are kept: its own, or that of the directory that was given. */
  #keptOf(item: TransferItem): (() => Promise<File>) | undefined {
    const { handle, kind, path } = item
    if (kind !== 'file') return undefined
    if (handle) return () => handle.getFile()
    const root = this.#rootOf(item)
    return root && (() => fileIn(root, path))
  }

  /** Of two directories of one name nobody knows which it was. */
  #rootOf({ path }: TransferItem): FileSystemDirectoryHandle | undefined {
    const roots = path.length > 1 ? this.#kept.now.roots?.filter(({ name }) => name === path[0]) : undefined
    return roots?.length === 1 ? roots[0] : undefined
  }
}

function isLeft({ kind, state }: TransferItem): boolean {
  return kind === 'file' && state !== 'done' && state !== 'skipped'
}
