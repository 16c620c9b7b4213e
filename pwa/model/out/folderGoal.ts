import { entryAt, type Folder, folderIn, makeFile, removeIfThere, rename } from './folder.ts'
import type { DownloadGoal, Existing, Sink } from './goal.ts'
import { partName } from './localName.ts'
import { LocalNames, pathKey } from './localNames.ts'
import { changedMeanwhile, wrongSize } from './mismatch.ts'
import { PartFile } from './partFile.ts'
import { diskFailure } from './saved.ts'

/** Files up to this many bytes are written in one go, without a part beside. */
const SMALL = 1024 * 1024

interface Growing {
  folder: Folder
  /** Its name when it is whole. */
  name: string
  part: string
  file: PartFile
  handle: FileSystemFileHandle
  size: number
  modifiedAt: number
}

/**
 * A folder of the person's, with files and folders as they are on the server. A large file grows as `.name.part` and gets
 * its name when it is whole. What is there already stays: what comes gets a number, unless it is to be replaced.
 */
export class FolderGoal implements DownloadGoal {
  readonly kind = 'handle'
  readonly handle: FileSystemDirectoryHandle
  readonly ended = new AbortController().signal
  readonly #resumed: boolean
  readonly #folders = new Map<string, Promise<Folder>>()
  readonly #growing = new Map<string, Growing>()

  /** @param resumed parts of an earlier page are gone on with */
  constructor(handle: FileSystemDirectoryHandle, resumed = false) {
    this.handle = handle
    this.#resumed = resumed
    this.#folders.set(pathKey([]), Promise.resolve({ handle, names: new LocalNames() }))
  }

  async open(
    path: readonly string[],
    size: number,
    modifiedAt: number,
    existing: 'keep-both' | 'replace' = 'keep-both',
  ): Promise<Sink> {
    try {
      const folder = await this.#folder(path.slice(0, -1))
      const raw = path.at(-1) ?? ''
      const name =
        existing === 'replace'
          ? folder.names.of(raw)
          : await folder.names.free(raw, async (local) => (await entryAt(folder.handle, local)) === undefined)
      return size <= SMALL
        ? inOneGo(folder.handle, name, size)
        : await this.#grow(pathKey(path), folder, name, { size, modifiedAt })
    } catch (error) {
      throw diskFailure(error)
    }
  }

  async directory(path: readonly string[]): Promise<void> {
    try {
      await this.#folder(path)
    } catch (error) {
      throw diskFailure(error)
    }
  }

  async there(path: readonly string[]): Promise<Existing | undefined> {
    try {
      const folder = await this.#folder(path.slice(0, -1))
      const raw = path.at(-1) ?? ''
      if (folder.names.known(raw) !== undefined) return undefined
      const entry = await entryAt(folder.handle, folder.names.wanted(raw))
      if (!entry || entry === 'directory') return undefined
      const { size, lastModified } = await entry.getFile()
      return { size, modifiedAt: lastModified }
    } catch (error) {
      throw diskFailure(error)
    }
  }

  async close(): Promise<void> {
    await this.fail()
  }

  async fail(): Promise<void> {
    for (const [key, growing] of this.#growing) await this.#drop(key, growing)
  }

  #folder(path: readonly string[]): Promise<Folder> {
    const key = pathKey(path)
    let folder = this.#folders.get(key)
    if (!folder) {
      folder = this.#folder(path.slice(0, -1)).then((above) => folderIn(above, path.at(-1) ?? ''))
      this.#folders.set(key, folder)
      // A folder that could not be made is tried again.
      folder.catch(() => this.#folders.delete(key))
    }
    return folder
  }

  async #grow(
    key: string,
    folder: Folder,
    name: string,
    { size, modifiedAt }: { size: number; modifiedAt: number },
  ): Promise<Sink> {
    let growing = this.#growing.get(key)
    if (growing && (growing.size !== size || growing.modifiedAt !== modifiedAt)) throw changedMeanwhile()
    if (!growing) {
      // Named by what it is a part of, so that no other file's part is taken for it.
      const part = partName(`${name}.${size.toString(36)}-${Math.trunc(modifiedAt / 1000).toString(36)}`)
      const handle = await makeFile(folder.handle, part)
      const there = this.#resumed ? (await handle.getFile()).size : 0
      const file = new PartFile(handle, there <= size ? there : 0)
      growing = { folder, name, part, file, handle, size, modifiedAt }
      this.#growing.set(key, growing)
    }
    const { file } = growing
    const grown = growing
    return {
      have: file.size,
      async write(offset, data) {
        const end = offset + data.byteLength
        if (offset !== file.size || end > size) throw wrongSize(end, size)
        await file.write(data)
      },
      close: async () => {
        if (file.size !== size) throw wrongSize(file.size, size)
        try {
          await file.keep()
          await rename(folder.handle, grown.handle, name)
        } catch (error) {
          throw diskFailure(error)
        }
        this.#growing.delete(key)
      },
      abort: (keep) => (keep ? file.keep() : this.#drop(key, grown)),
    }
  }

  async #drop(key: string, { file, folder, part }: Growing): Promise<void> {
    this.#growing.delete(key)
    await file.drop()
    await removeIfThere(folder.handle, part)
  }
}

/** A small file is gathered first, so that it is never seen half. */
function inOneGo(directory: FileSystemDirectoryHandle, name: string, size: number): Sink {
  const whole = new Uint8Array(size)
  let at = 0
  return {
    have: 0,
    async write(offset, data) {
      const end = offset + data.byteLength
      if (offset !== at || end > size) throw wrongSize(end, size)
      whole.set(data, offset)
      at = end
    },
    async close() {
      if (at !== size) throw wrongSize(at, size)
      try {
        const writable = await (await makeFile(directory, name)).createWritable()
        await writable.write(whole)
        await writable.close()
      } catch (error) {
        throw diskFailure(error)
      }
    },
    async abort() {
      at = 0
    },
  }
}
