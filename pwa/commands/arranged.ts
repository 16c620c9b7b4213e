import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { FileInfo } from '../../shared/fileInfo.ts'
import type { Sort } from '../store/schema.ts'
import { nameFilter } from './nameFilter.ts'
import { choosing, comparing, merging, sorting } from './order.ts'
import { inSlices } from './slices.ts'

/** What decides which entries are shown, and in which order. */
export interface ArrangedBy {
  sort: ReadonlySignal<Sort>
  /** Whether names that begin with a dot are shown. */
  hiddenFiles: ReadonlySignal<boolean>
  filter: ReadonlySignal<string>
}

/**
 * The entries of one directory in the order shown. A few thousand are arranged at once, many in slices: what was shown
 * stays until the new order stands.
 */
export class Arranged {
  readonly #all = signal<readonly FileInfo[]>([])
  readonly #ordered = signal<readonly FileInfo[]>([])
  readonly #visible = signal<readonly FileInfo[]>([])
  readonly #shown = signal<readonly FileInfo[]>([])
  readonly #jobs = signal(0)
  readonly #by: ArrangedBy
  /** How many of `#all`, from the first on, are in `#ordered`, and by which order. */
  #done: { count: number; sort: Sort } | undefined
  #again = false
  #stopOrder: (() => void) | undefined
  #stops: (() => void)[] = []

  /** How many entries begin with a dot and are left out. */
  readonly hidden: ReadonlySignal<number>

  constructor(by: ArrangedBy) {
    this.#by = by
    this.hidden = computed(() => this.#ordered.value.length - this.#visible.value.length)
    this.#stops = [
      effect(() => {
        by.sort.value
        untracked(() => this.#order(true))
      }),
      this.#filtering(this.#ordered, this.#visible, () =>
        by.hiddenFiles.value ? () => true : (file) => !file.name.startsWith('.'),
      ),
      this.#filtering(this.#visible, this.#shown, () => {
        const fits = nameFilter(by.filter.value)
        return (file) => fits(file.name)
      }),
    ]
  }

  /** In the order shown. */
  get shown(): ReadonlySignal<readonly FileInfo[]> {
    return this.#shown
  }

  /** All but what the settings hide, whatever the filter says, in order. */
  get visible(): ReadonlySignal<readonly FileInfo[]> {
    return this.#visible
  }

  /** Whether what is shown is not yet what it is to be. */
  get busy(): boolean {
    return this.#jobs.value > 0
  }

  /** Puts these in place of all there were. */
  replace(files: readonly FileInfo[]): void {
    this.#all.value = files
    this.#done = undefined
    this.#order(true)
  }

  /** The same and more at their end. */
  extend(files: readonly FileInfo[]): void {
    this.#all.value = files
    this.#order(false)
  }

  /** Ends all work; what is shown stays. */
  close(): void {
    for (const stop of this.#stops) stop()
    this.#stopOrder?.()
  }

  /** @param anew whether what is being ordered now is of no use any more; else it is finished first */
  #order(anew: boolean): void {
    if (this.#stopOrder) {
      if (!anew) {
        this.#again = true
        return
      }
      this.#stopOrder()
    }
    this.#again = false
    const files = this.#all.peek()
    const sort = this.#by.sort.peek()
    const done = this.#done?.sort === sort ? this.#done : undefined
    const compare = comparing(sort)
    const before = this.#ordered.peek()
    const work = function* () {
      if (!done) return yield* sorting(files, compare)
      const added = yield* sorting(files.slice(done.count), compare)
      return yield* merging(before, added, compare)
    }
    this.#stopOrder = this.#job(work(), (ordered) => {
      this.#stopOrder = undefined
      this.#done = { count: files.length, sort }
      this.#ordered.value = ordered
      if (this.#again) this.#order(false)
    })
  }

  #filtering(
    from: ReadonlySignal<readonly FileInfo[]>,
    to: { value: readonly FileInfo[] },
    accepts: () => (file: FileInfo) => boolean,
  ): () => void {
    return effect(() => {
      const accept = accepts()
      const files = from.value
      return untracked(() =>
        this.#job(choosing(files, accept), (chosen) => {
          to.value = chosen
        }),
      )
    })
  }

  /** @returns what stops it, if it goes on */
  #job<T>(work: Generator<void, T>, done: (result: T) => void): (() => void) | undefined {
    let over = false
    const end = () => {
      if (!over) this.#jobs.value--
      over = true
    }
    this.#jobs.value++
    const stop = inSlices(work, (result) => {
      end()
      done(result)
    })
    return over
      ? undefined
      : () => {
          stop()
          end()
        }
  }
}
