import type { TransferItem } from '../../store/schema.ts'
import type { ItemList } from './itemList.ts'
import type { KeptRecord } from './keptRecord.ts'
import { Rate } from './rate.ts'

/** How far a transfer is: its files, its bytes, how fast they come. */
export class Progress {
  readonly rate = new Rate()
  readonly #kept: KeptRecord
  readonly #list: ItemList
  /** Bytes that have come of files that are on their way. */
  readonly #coming = new Map<number, number>()
  #current: number | undefined
  #settled = 0
  #steps = 0

  constructor(kept: KeptRecord, list: ItemList) {
    this.#kept = kept
    this.#list = list
    this.#count()
  }

  /** Bytes that have come. */
  get bytes(): number {
    let bytes = this.#settled
    for (const coming of this.#coming.values()) bytes += coming
    return bytes
  }

  /** Counts up with everything that gets further. */
  get steps(): number {
    return this.#steps
  }

  /** The file that was begun last. */
  get current(): string | undefined {
    return this.#current === undefined ? undefined : this.#list.at(this.#current).path.join('/')
  }

  /** There is one more to be done. */
  add({ kind, size }: TransferItem): void {
    const { files, total } = this.#kept.now
    if (kind !== 'directory') this.#kept.change({ files: files + 1, total: total + size })
  }

  /** One is on its way. */
  begin(at: number): void {
    if (this.#list.at(at).kind === 'file') this.#current = at
  }

  /** So many bytes of one have come. */
  advance(at: number, offset: number): void {
    this.#coming.set(at, offset)
    this.#moved()
  }

  /** Whether it has got further than before. */
  isFurther(at: number, offset: number): boolean {
    return offset > (this.#coming.get(at) ?? 0)
  }

  step(): void {
    this.#steps++
  }

  /** One has another size than was known. */
  resize(bytes: number): void {
    this.#kept.change({ total: this.#kept.now.total + bytes })
  }

  /** One is done or left out. */
  settle(at: number): void {
    this.#coming.delete(at)
    const { kind, size, state } = this.#list.at(at)
    if (kind === 'directory') return
    this.#settled += size
    const { filesDone, skipped } = this.#kept.now
    this.#kept.change({ filesDone: filesDone + 1, ...(state === 'skipped' && { skipped: skipped + 1 }) })
  }

  /** What has come of one that failed counts no more. */
  drop(at: number): void {
    this.#coming.delete(at)
  }

  /** One is not on its way any more. */
  end(at: number): void {
    if (this.#current === at) this.#current = undefined
    this.#moved()
  }

  /** Nothing is on its way. */
  rest(): void {
    this.#current = undefined
    this.rate.reset()
  }

  #moved(): void {
    this.rate.add(this.bytes, performance.now())
  }

  /** By what is kept of the files, which is more to be trusted than a record of their sum. */
  #count(): void {
    const files = this.#list.items.filter(({ kind }) => kind !== 'directory')
    const bytes = (some: readonly TransferItem[]) => some.reduce((sum, { size }) => sum + size, 0)
    const over = files.filter(({ state }) => state === 'done' || state === 'skipped')
    const { state } = this.#kept.now
    this.#settled = bytes(over)
    // What one that is over was made of is forgotten before it is.
    if (files.length === 0 && (state === 'done' || state === 'cancelled')) return
    this.#kept.change({
      files: files.length,
      filesDone: over.length,
      skipped: over.filter((item) => item.state === 'skipped').length,
      total: bytes(files),
    })
  }
}
