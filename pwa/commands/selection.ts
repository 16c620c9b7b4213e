import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { FileInfo } from '../../shared/fileInfo.ts'

/**
 * Which entries of a list are chosen, and which is the current one: by name, since order and filter change under them.
 * What a filter leaves out stays selected, but counts as chosen only when it is shown again.
 */
export class Selection {
  /** Name of the current entry. */
  readonly current = signal<string | undefined>(undefined)
  /** Whether a tap selects instead of opening: where fingers select, until nothing is selected any more. */
  readonly selecting = signal(false)
  readonly #selected = signal<ReadonlySet<string>>(new Set())
  readonly #shown: ReadonlySignal<readonly FileInfo[]>
  /** What is selected and shown, in the order shown. */
  readonly picked: ReadonlySignal<readonly FileInfo[]>
  /** The names of all that was shown when all was selected. */
  #all: { names: ReadonlySet<string>; files: readonly FileInfo[] } | undefined
  /** Where a range begins. */
  #anchor: string | undefined
  /** What was selected before the range, which the range adds to. */
  #base: ReadonlySet<string> = new Set()

  constructor(shown: ReadonlySignal<readonly FileInfo[]>) {
    this.#shown = shown
    this.picked = computed(() => {
      const selected = this.#selected.value
      if (selected.size === 0) return []
      // Looking each of very many up would be felt.
      if (selected === this.#all?.names && shown.value === this.#all.files) return shown.value
      return shown.value.filter((file) => selected.has(file.name))
    })
  }

  /** Names. */
  get selected(): ReadonlySignal<ReadonlySet<string>> {
    return this.#selected
  }

  /** The selected, or else the current one; nothing that is not shown. Reads signals. */
  chosen(): readonly FileInfo[] {
    if (this.picked.value.length) return this.picked.value
    const current = this.current.value
    const file = current === undefined ? undefined : this.#shown.value.find(({ name }) => name === current)
    return file ? [file] : []
  }

  /** Selects these and no others; the last becomes the current one, and where the next range begins. */
  select(names: Iterable<string>): void {
    const selected = new Set(names)
    this.#set(selected)
    this.#stand([...selected].at(-1))
    this.#base = new Set()
  }

  /** Another list begins, with this as its current entry and nothing selected. */
  begin(name: string | undefined): void {
    this.selectNone()
    this.#stand(name)
  }

  /** Makes an entry the current one and leaves what is selected as it is. */
  stand(name: string): void {
    this.#stand(name)
    this.#base = this.#selected.peek()
  }

  /** Adds an entry to what is selected, or takes it out. */
  toggle(name: string): void {
    const selected = new Set(this.#selected.peek())
    if (!selected.delete(name)) selected.add(name)
    this.#set(selected)
    this.stand(name)
  }

  /** Selects from where the last range or step began to this entry. @param add whether what was selected before it stays */
  selectTo(name: string, add = false): void {
    const shown = this.#shown.peek()
    const to = shown.findIndex((file) => file.name === name)
    if (to < 0) return
    const anchor = shown.findIndex((file) => file.name === this.#anchor)
    const from = anchor < 0 ? to : anchor
    const range = shown.slice(Math.min(from, to), Math.max(from, to) + 1).map((file) => file.name)
    this.#set(new Set([...(add ? this.#base : []), ...range]))
    if (anchor < 0) this.#anchor = name
    this.current.value = name
  }

  /** Selects all that is shown; the current entry stays. */
  selectAll(): void {
    const files = this.#shown.peek()
    this.#all = { names: new Set(files.map((file) => file.name)), files }
    this.#set(this.#all.names)
    this.#base = new Set()
  }

  /** Selects what is not selected of all that is shown. */
  invert(): void {
    const selected = this.#selected.peek()
    this.#set(new Set(this.#shown.peek().flatMap(({ name }) => (selected.has(name) ? [] : [name]))))
  }

  selectNone(): void {
    this.#set(new Set())
    this.#base = new Set()
  }

  /** Forgets names that are not there any more. */
  keepOnly(names: ReadonlySet<string>): void {
    const left = [...this.#selected.peek()].filter((name) => names.has(name))
    if (left.length !== this.#selected.peek().size) this.#set(new Set(left))
  }

  #stand(name: string | undefined): void {
    this.current.value = name
    this.#anchor = name
  }

  #set(names: ReadonlySet<string>): void {
    this.#selected.value = names
    if (names.size === 0) this.selecting.value = false
  }
}
