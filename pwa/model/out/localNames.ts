import { localName, numbered } from './localName.ts'

/** What a file system that knows no upper case would take for the same name. */
const folded = (name: string) => name.toLowerCase()

/** What tells one path of the server from all others, whatever its names hold. */
export const pathKey = (path: readonly string[]) => JSON.stringify(path)

/** The names in one local directory: each name of the server has one, and no two have the same. */
export class LocalNames {
  readonly #given = new Map<string, string>()
  readonly #taken = new Set<string>()
  /** The next number to try for a name that is taken, so that many of a kind stay quick. */
  readonly #next = new Map<string, number>()

  /** The local name of `name`, the same at every call; one that is taken gets a number. */
  of(name: string): string {
    const known = this.#given.get(name)
    if (known !== undefined) return known
    return this.#give(name, localName(name))
  }

  /** As `of`; a new name is also one that `free` says is free on the disk. */
  async free(name: string, free: (local: string) => Promise<boolean>): Promise<string> {
    const known = this.#given.get(name)
    if (known !== undefined) return known
    let local = this.of(name)
    while (!(await free(local))) local = this.#give(name, localName(name))
    return local
  }

  /** The name that `of` would give first. */
  wanted(name: string): string {
    return this.#given.get(name) ?? localName(name)
  }

  /** The local name of `name` where it has one. */
  known(name: string): string | undefined {
    return this.#given.get(name)
  }

  #give(name: string, wanted: string): string {
    let local = wanted
    let number = this.#next.get(folded(wanted)) ?? 2
    while (this.#taken.has(folded(local))) local = numbered(wanted, number++)
    this.#next.set(folded(wanted), number)
    this.#taken.add(folded(local))
    this.#given.set(name, local)
    return local
  }
}
