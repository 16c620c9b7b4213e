import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'

const named = (name: string) => new DOMException(name, name)
const statOf = (path: string) => stat(path).catch(() => undefined)

/** How the folder's disk is; a test may change it meanwhile. */
interface Disk {
  full: boolean
  /** Whether files can be moved there, as Chromium cannot everywhere. */
  moves: boolean
}

/**
 * A folder of this machine as the File System Standard has it, since browsers give none without a person: what is written
 * counts when the writer is closed.
 */
export function folderHandle(path: string, disk: Disk = { full: false, moves: true }): FileSystemDirectoryHandle {
  const of = async (name: string, kind: 'file' | 'directory', create: boolean) => {
    if (!name || /[/\\]|^\.{1,2}$/.test(name)) throw new TypeError('Name is not allowed.')
    const there = await statOf(join(path, name))
    if (there && there.isDirectory() !== (kind === 'directory')) throw named('TypeMismatchError')
    if (!there && !create) throw named('NotFoundError')
    if (!there && kind === 'file') await writeFile(join(path, name), '')
    if (!there && kind === 'directory') await mkdir(join(path, name))
  }
  const handle = {
    kind: 'directory' as const,
    name: path,
    async getFileHandle(name: string, { create = false } = {}) {
      await of(name, 'file', create)
      return fileHandle(path, name, disk)
    },
    async getDirectoryHandle(name: string, { create = false } = {}) {
      await of(name, 'directory', create)
      return folderHandle(join(path, name), disk)
    },
    async removeEntry(name: string) {
      if (!(await statOf(join(path, name)))) throw named('NotFoundError')
      await rm(join(path, name))
    },
  }
  // It has what the product uses, not all of the interface.
  return handle as unknown as FileSystemDirectoryHandle
}

function fileHandle(directory: string, name: string, disk: Disk): FileSystemFileHandle {
  const path = join(directory, name)
  const handle = {
    kind: 'file' as const,
    name,
    async getFile() {
      const { size, mtimeMs } = await stat(path)
      return { size, lastModified: Math.floor(mtimeMs), stream: () => Readable.toWeb(createReadStream(path)) }
    },
    async createWritable({ keepExistingData = false } = {}) {
      const swap = `${path}.crswap`
      if (keepExistingData) await copyFile(path, swap)
      else await writeFile(swap, '')
      let at = 0
      const writer = {
        async write(what: Uint8Array | { position: number; data: Uint8Array }) {
          if (disk.full) throw named('QuotaExceededError')
          const { position, data } = what instanceof Uint8Array ? { position: at, data: what } : what
          const file = await open(swap, 'r+')
          await file.write(data, 0, data.length, position)
          await file.close()
          at = position + data.length
        },
        close: () => rename(swap, path),
        abort: () => rm(swap),
      }
      return Object.assign(new WritableStream(writer), writer)
    },
    async move(to: string) {
      if (!disk.moves) throw named('InvalidStateError')
      await rename(path, join(directory, to))
    },
  }
  return handle as unknown as FileSystemFileHandle
}
