import { joinPath } from '../../../shared/fileInfo.ts'
import type { Files } from './remote.ts'
import { makeDirectory } from './upload.ts'

/** The directories below one on a host, each made once. */
export class Directories {
  readonly #sftp: Files
  readonly #made = new Map<string, Promise<string>>()

  /** @param top absolute; it is there */
  constructor(sftp: Files, top: string) {
    this.#sftp = sftp
    this.#made.set('', Promise.resolve(top))
  }

  /** Makes a directory and those above it, unless they are there; resolves with its path. Rejects with `Failed`. */
  make(names: readonly string[]): Promise<string> {
    const key = names.join('/')
    const made = this.#made.get(key)
    if (made) return made
    const making = this.make(names.slice(0, -1)).then(async (above) => {
      const path = joinPath(above, names.at(-1) ?? '')
      await makeDirectory(this.#sftp, path)
      return path
    })
    this.#made.set(key, making)
    return making
  }
}
