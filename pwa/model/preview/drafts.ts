import type { Store } from '../../store/db.ts'
import type { Draft } from '../../store/schema.ts'

/** Days that changes nobody saved are kept, and how many files' at most. */
const keptDays = 30
const most = 50

/** Changes to files that were not saved, so that they outlive a reload. Every promise may reject with `StoreFailure`. */
export class Drafts {
  readonly #shelf: Store['drafts']
  #tidied = false

  constructor(shelf: Store['drafts']) {
    this.#shelf = shelf
  }

  get(id: string): Promise<Draft | undefined> {
    return this.#shelf.get(id)
  }

  async keep(draft: Draft): Promise<void> {
    await this.#shelf.put(draft)
    if (this.#tidied) return
    this.#tidied = true
    await this.#tidy()
  }

  remove(id: string): Promise<void> {
    return this.#shelf.remove(id)
  }

  async #tidy(): Promise<void> {
    const oldest = Date.now() - keptDays * 86_400_000
    const all = (await this.#shelf.all()).toSorted((a, b) => b.keptAt - a.keptAt)
    for (const [index, { id, keptAt }] of all.entries()) if (index >= most || keptAt < oldest) await this.remove(id)
  }
}
