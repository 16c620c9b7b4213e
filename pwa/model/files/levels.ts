import type { FileInfo } from '../../../shared/fileInfo.ts'

/** Directories by how deep they lie, so that those in a directory can be done before it. */
export class Levels {
  readonly #levels: FileInfo[][] = []

  /** @param depth 0 for where a walk began */
  add(depth: number, directory: FileInfo): void {
    while (this.#levels.length <= depth) this.#levels.push([])
    this.#levels[depth]?.push(directory)
  }

  /** Each level as a whole, the deepest first. */
  upwards(): FileInfo[][] {
    return this.#levels.toReversed()
  }
}
