import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type FileInfo, parentPath } from '../../shared/fileInfo.ts'
import { type AppFailure, Failed, failureOf } from '../model/failure.ts'
import type { Sort } from '../store/schema.ts'

/** Gives a directory page by page; `path` of a page is absolute. Rejects with `Failed`. */
export type List = (path: string) => AsyncIterable<{ path: string; files: readonly FileInfo[] }>

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

const keys: Record<Sort['by'], (a: FileInfo, b: FileInfo) => number> = {
  name: (a, b) => names.compare(a.name, b.name),
  size: (a, b) => a.size - b.size,
  modified: (a, b) => a.modifiedAt.getTime() - b.modifiedAt.getTime(),
  mode: (a, b) => a.permissions.localeCompare(b.permissions, 'en'),
  owner: (a, b) => names.compare(a.owner, b.owner),
}

/** Directories first, then by the key, then by name; pure. */
export function sorted(files: readonly FileInfo[], sort: Sort): FileInfo[] {
  const key = keys[sort.by]
  const direction = sort.descending ? -1 : 1
  const rank = (file: FileInfo) => (file.type === 'directory' ? 0 : 1)
  return files.toSorted((a, b) => rank(a) - rank(b) || direction * key(a, b) || names.compare(a.name, b.name))
}

/** What the files pane shows of one session: a directory, how far it is read, and which entry is the current one. */
export class Directory {
  /** Absolute once the first page has come. */
  readonly path = signal('.')
  readonly state = signal<'idle' | 'loading' | 'ready' | 'failed'>('idle')
  readonly failure = signal<AppFailure | undefined>(undefined)
  readonly sort: Signal<Sort>
  /** Name of the current entry. */
  readonly current = signal<string | undefined>(undefined)
  /** All that has come, in the order shown. */
  readonly shown: ReadonlySignal<readonly FileInfo[]>
  /** How many entries begin with a dot and are left out. */
  readonly hidden: ReadonlySignal<number>

  readonly #list: List
  readonly #files = signal<readonly FileInfo[]>([])
  #reading = 0

  constructor(list: List, hiddenFiles: ReadonlySignal<boolean>, sort: Sort = { by: 'name', descending: false }) {
    this.#list = list
    this.sort = signal(sort)
    const visible = computed(() =>
      hiddenFiles.value ? this.#files.value : this.#files.value.filter((file) => !file.name.startsWith('.')),
    )
    this.shown = computed(() => sorted(visible.value, this.sort.value))
    this.hidden = computed(() => this.#files.value.length - visible.value.length)
  }

  /** Opens what a link may lead to; where that is no directory it rejects with why, and what was shown stays. */
  async follow(path: string): Promise<void> {
    const before = { path: this.path.peek(), current: this.current.peek() }
    await this.open(path)
    const failure = this.failure.peek()
    if (this.state.peek() !== 'failed' || !failure) return
    await this.open(before.path, before.current)
    throw new Failed(failure)
  }

  /** Reads a directory; what is shown stays until its first page comes. A later call overtakes. */
  async open(path: string, current?: string): Promise<void> {
    const reading = ++this.#reading
    this.state.value = 'loading'
    this.failure.value = undefined
    let files: FileInfo[] | undefined
    try {
      for await (const page of this.#list(path)) {
        if (reading !== this.#reading) return
        if (!files) {
          files = []
          this.#files.value = []
          this.current.value = current
          this.path.value = page.path
        }
        for (const file of page.files) if (file.name !== '.' && file.name !== '..') files.push(file)
        // Sorting at every page would make a long listing quadratic.
        if (files.length >= 2 * this.#files.peek().length) this.#files.value = files.slice()
      }
      if (reading !== this.#reading) return
      this.#files.value = files ?? []
      this.state.value = 'ready'
    } catch (error) {
      if (reading !== this.#reading) return
      if (!files) {
        this.#files.value = []
        if (path !== '.') this.path.value = path
      }
      this.failure.value = failureOf(error)
      this.state.value = 'failed'
    }
  }

  /** Reads the same directory again. */
  refresh(): Promise<void> {
    return this.open(this.path.peek(), this.current.peek())
  }

  /** Opens the directory above, with the one left as its current entry. */
  up(): Promise<void> {
    const path = this.path.peek()
    return this.open(parentPath(path), path.slice(path.lastIndexOf('/') + 1))
  }

  /** Sorts by a column; the same column again turns the order. */
  sortBy(by: Sort['by']): void {
    const { by: before, descending } = this.sort.peek()
    this.sort.value = { by, descending: by === before ? !descending : by === 'size' || by === 'modified' }
  }
}
