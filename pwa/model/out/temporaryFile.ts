import { newId } from '../id.ts'
import type { Head, Outlet } from './outlet.ts'
import { diskFailure, saveBlob } from './saved.ts'

const DIRECTORY = 'downloads'
const lockOf = (name: string) => `fairlead-temporary ${name}`

/** Whether this browser has a private file system that a page can write to. */
export function hasTemporaryFiles(): boolean {
  // Absent on plain http off loopback, and the writer in Safari before 26.
  const storage = globalThis.navigator?.storage as StorageManager | undefined
  const files = globalThis.FileSystemFileHandle as typeof FileSystemFileHandle | undefined
  return storage?.getDirectory !== undefined && files?.prototype.createWritable !== undefined
}

/**
 * A file that grows in the browser's private file system, and is saved by the browser when it is whole: in constant memory,
 * but written twice. Rejects with `Failed('no-space-here')` where it cannot fit.
 */
export async function openTemporaryFile({ name, size = 0 }: Head): Promise<Outlet> {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate()
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(DIRECTORY, { create: true })
  await sweep(directory)
  if (size > quota - usage) throw diskFailure(new DOMException('It cannot fit', 'QuotaExceededError'))
  const id = newId()
  // Held before the file is there, or another page might sweep it away.
  const release = await lock(lockOf(id))
  const remove = async () => {
    release()
    await directory.removeEntry(id)
  }
  const file = await directory.getFileHandle(id, { create: true })
  const writable = await file.createWritable()
  const written = async (write: Promise<void>) => {
    try {
      await write
    } catch (error) {
      throw diskFailure(error)
    }
  }
  return {
    ended: new AbortController().signal,
    write: (data) => written(writable.write(data.slice())),
    async close() {
      await written(writable.close())
      saveBlob(await file.getFile(), name, () => void remove().catch(() => undefined))
    },
    async fail() {
      await writable.abort()
      await remove()
    },
  }
}

/** Takes a lock that nobody else has, and gives what lets go of it. */
function lock(name: string): Promise<() => void> {
  return new Promise((taken) => {
    void navigator.locks.request(name, () => new Promise<void>((release) => taken(release)))
  })
}

/** Removes what pages that are gone have left. */
async function sweep(directory: FileSystemDirectoryHandle): Promise<void> {
  const { held = [] } = await navigator.locks.query()
  const names = new Set(held.map((lock) => lock.name))
  for await (const name of directory.keys()) {
    // Somebody else may be sweeping too.
    if (!names.has(lockOf(name))) await directory.removeEntry(name).catch(() => undefined)
  }
}
