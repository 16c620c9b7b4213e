import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type FileInfo, parentPath } from '../../shared/fileInfo.ts'
import { type AppFailure, failureOf } from '../model/failure.ts'
import type { Sort } from '../store/schema.ts'
import { Arranged } from './arranged.ts'
import { Selection } from './selection.ts'

/**
 * Gives a directory page by page; `path` of a page is absolute, `more` says that entries beyond the bound were left out,
 * `dropped` how many were that no file can be called like.
 * Rejects with `Failed`; ends early after an abort.
 */
export type List = (
  path: string,
  signal: AbortSignal,
) => AsyncIterable<{ path: string; files: readonly FileInfo[]; more?: boolean; dropped?: number }>

interface Place {
  path: string
  current: string | undefined
}

/** Directories that are remembered in each direction. */
const remembered = 100

/** What the files pane shows of one session: a directory, how far it is read, and which of its entries are chosen. */
export class Directory {
  /** Absolute once the first page has come. */
  readonly path = signal('.')
  readonly state = signal<'idle' | 'loading' | 'ready' | 'failed'>('idle')
  readonly failure = signal<AppFailure | undefined>(undefined)
  /** Counts the listings that have come to their end. */
  readonly readings = signal(0)
  /** Entries that have come so far of the directory that is being read. */
  readonly count = signal(0)
  /** Why there is more than is shown: the person stopped the reading, or the directory goes beyond the bound. */
  readonly more = signal<'stopped' | 'bound' | undefined>(undefined)
  /** Entries that were left out, since no file can be called so. */
  readonly dropped = signal(0)
  readonly sort: Signal<Sort>
  /** What the names shown have to hold; empty for all. It ends with the directory. */
  readonly filter = signal('')

  readonly #list: List
  readonly #arranged: Arranged
  readonly #selection: Selection
  readonly #back = signal<readonly Place[]>([])
  readonly #forward = signal<readonly Place[]>([])
  #reading = new AbortController()
  #stopped: () => void = () => undefined

  constructor(list: List, hiddenFiles: ReadonlySignal<boolean>, sort: Sort = { by: 'name', descending: false }) {
    this.#list = list
    this.sort = signal(sort)
    this.#arranged = new Arranged({ sort: this.sort, hiddenFiles, filter: this.filter })
    this.#selection = new Selection(this.#arranged.shown)
  }

  /** What is shown, in its order. */
  get shown(): ReadonlySignal<readonly FileInfo[]> {
    return this.#arranged.shown
  }

  /** What would be shown without the filter. */
  get visible(): ReadonlySignal<readonly FileInfo[]> {
    return this.#arranged.visible
  }

  /** How many entries begin with a dot and are left out. */
  get hidden(): ReadonlySignal<number> {
    return this.#arranged.hidden
  }

  /** Whether a long list is still being sorted or filtered. Reads a signal. */
  get arranging(): boolean {
    return this.#arranged.busy
  }

  /** Name of the current entry. */
  get current(): ReadonlySignal<string | undefined> {
    return this.#selection.current
  }

  /** Names of the selected entries. */
  get selected(): ReadonlySignal<ReadonlySet<string>> {
    return this.#selection.selected
  }

  /** Whether a tap selects instead of opening; ends by itself when nothing is selected. */
  get selecting(): Signal<boolean> {
    return this.#selection.selecting
  }

  /** The selected that are shown, in the order shown. */
  get picked(): ReadonlySignal<readonly FileInfo[]> {
    return this.#selection.picked
  }

  /** What an action is about: the selected, or else the current entry. Reads signals. */
  chosen(): readonly FileInfo[] {
    return this.#selection.chosen()
  }

  /** Selects these and no others; the last becomes the current one, and without any there is none. */
  select(names: Iterable<string>): void {
    this.#selection.select(names)
  }

  /** Makes an entry the current one without selecting it. */
  stand(name: string): void {
    this.#selection.stand(name)
  }

  toggle(name: string): void {
    this.#selection.toggle(name)
  }

  /** Selects from where the last step ended to this entry. @param add whether what was selected before stays */
  selectTo(name: string, add?: boolean): void {
    this.#selection.selectTo(name, add)
  }

  selectAll(): void {
    this.#selection.selectAll()
  }

  invertSelection(): void {
    this.#selection.invert()
  }

  selectNone(): void {
    this.#selection.selectNone()
  }

  /** Whether there is a directory to go back to. Reads a signal. */
  get canBack(): boolean {
    return this.#back.value.length > 0
  }

  get canForward(): boolean {
    return this.#forward.value.length > 0
  }

  back(): Promise<void> {
    return this.#travel(this.#back, this.#forward)
  }

  forward(): Promise<void> {
    return this.#travel(this.#forward, this.#back)
  }

  /** Reads a directory; what is shown stays until its first page comes. A later call overtakes. */
  open(path: string, current?: string): Promise<void> {
    return this.#read(path, current, (left) => {
      this.#back.value = [...this.#back.peek(), left].slice(-remembered)
      this.#forward.value = []
    })
  }

  /** Reads the same directory again; what is shown stays until all of it has come. */
  refresh(): Promise<void> {
    return this.#read(this.path.peek(), this.current.peek())
  }

  /** Ends the reading; what has come is shown. */
  stop(): void {
    if (this.state.peek() !== 'loading') return
    this.#reading.abort()
    this.#stopped()
  }

  /** Opens the directory above, with the one left as its current entry. */
  up(): Promise<void> {
    const path = this.path.peek()
    return this.open(parentPath(path), path.slice(path.lastIndexOf('/') + 1))
  }

  /** Sorts by a column; the same column again turns the order. */
  sortBy(by: Sort['by']): void {
    const { by: before, descending } = this.sort.peek()
    const largestFirst = by === 'size' || by === 'modified' || by === 'accessed'
    this.sort.value = { by, descending: by === before ? !descending : largestFirst }
  }

  /** Ends everything. */
  close(): void {
    this.#reading.abort()
    this.#arranged.close()
  }

  #here(): Place {
    return { path: this.path.peek(), current: this.current.peek() }
  }

  async #travel(from: Signal<readonly Place[]>, to: Signal<readonly Place[]>): Promise<void> {
    const place = from.peek().at(-1)
    if (!place) return
    const here = this.#here()
    await this.#read(place.path, place.current, () => {
      from.value = from.peek().slice(0, -1)
      to.value = [...to.peek(), here].slice(-remembered)
    })
  }

  /** @param left is told of the place that was shown before, once another is */
  async #read(path: string, current: string | undefined, left: (place: Place) => void = () => undefined) {
    this.#reading.abort()
    const reading = new AbortController()
    this.#reading = reading
    const again = path === this.path.peek() && this.#arranged.shown.peek().length > 0
    const files: FileInfo[] = []
    const names = new Set<string>()
    let pages = 0
    let arranged = 0
    const arrange = () => {
      arranged = files.length
      this.#arranged.extend(files.slice())
    }
    const ended = (more: 'stopped' | 'bound' | undefined) => {
      if (again) {
        this.#arranged.replace(files)
        this.#selection.keepOnly(names)
      } else {
        arrange()
      }
      this.more.value = more
      this.readings.value++
      this.state.value = 'ready'
    }
    this.#stopped = () => {
      // What was shown is whole, or there was nothing yet: it stays.
      if (again || pages === 0) this.state.value = 'ready'
      else ended('stopped')
    }
    this.state.value = 'loading'
    this.failure.value = undefined
    this.count.value = 0
    try {
      let beyond = false
      let dropped = 0
      for await (const page of this.#list(path, reading.signal)) {
        if (reading.signal.aborted) return
        if (pages++ === 0 && !again) this.#move(page.path, current, left)
        for (const file of page.files) {
          // What names itself twice could not be told apart.
          if (file.name === '.' || file.name === '..' || names.has(file.name)) continue
          names.add(file.name)
          files.push(file)
        }
        this.count.value = files.length
        beyond ||= page.more === true
        dropped += page.dropped ?? 0
        // Arranging at every page would make a long listing quadratic.
        if (!again && files.length >= 2 * arranged) arrange()
      }
      if (reading.signal.aborted) return
      if (pages === 0 && !again) this.#move(path, current, left)
      ended(beyond ? 'bound' : undefined)
      this.dropped.value = dropped
    } catch (error) {
      if (reading.signal.aborted) return
      if (pages === 0) this.#move(path === '.' ? this.path.peek() : path, current, left)
      else if (!again) arrange()
      this.failure.value = failureOf(error)
      this.state.value = 'failed'
    }
  }

  /** What was shown is gone; another directory begins, empty. */
  #move(path: string, current: string | undefined, left: (place: Place) => void): void {
    const before = this.#here()
    if (before.path !== '.' && before.path !== path) left(before)
    batch(() => {
      this.path.value = path
      this.filter.value = ''
      this.more.value = undefined
      this.dropped.value = 0
      this.#arranged.replace([])
      this.#selection.begin(current)
    })
  }
}
