import { randomBytes } from 'node:crypto'
import type { Dir } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { statusCode } from '../sftp/packet.ts'
import { SftpStatus } from './sftpStatus.ts'

/** An open file. */
interface OpenFile {
  kind: 'file'
  path: Buffer
  file: FileHandle
}

/** An open directory, read from front to end. */
export interface OpenDirectory {
  kind: 'directory'
  path: Buffer
  directory: Dir
  /** Names that come before those of the directory itself. */
  dots: Buffer[]
}

type Open = OpenFile | OpenDirectory

/** The open files and directories of one SFTP conversation; a handle is 16 random bytes and means nothing elsewhere. */
export class SftpHandles {
  readonly #open = new Map<string, Open>()
  /** Most that may be open at once. */
  readonly max: number
  #opening = 0
  #closed = false

  constructor(max: number) {
    this.max = max
  }

  /**
   * Opens and keeps.
   * @throws SftpStatus FAILURE if as many are open as may be
   */
  async add(open: () => Promise<Open>): Promise<Buffer> {
    if (this.#open.size + this.#opening >= this.max) {
      throw new SftpStatus(statusCode.failure, `more than ${this.max} open handles`)
    }
    this.#opening += 1
    try {
      const opened = await open()
      if (this.#closed) {
        await close(opened)
        throw new SftpStatus(statusCode.failure, 'conversation closed')
      }
      const handle = randomBytes(16)
      this.#open.set(handle.toString('latin1'), opened)
      return handle
    } finally {
      this.#opening -= 1
    }
  }

  /** @throws SftpStatus NO_SUCH_FILE, as OpenSSH's server for EBADF */
  get(handle: Buffer): Open {
    const open = this.#open.get(handle.toString('latin1'))
    if (!open) throw new SftpStatus(statusCode.noSuchFile, 'no such handle')
    return open
  }

  /** @throws SftpStatus if the handle is unknown or of a directory */
  file(handle: Buffer): OpenFile {
    const open = this.get(handle)
    if (open.kind !== 'file') throw new SftpStatus(statusCode.noSuchFile, 'not the handle of a file')
    return open
  }

  /** @throws SftpStatus if the handle is unknown or of a file */
  directory(handle: Buffer): OpenDirectory {
    const open = this.get(handle)
    if (open.kind !== 'directory') throw new SftpStatus(statusCode.noSuchFile, 'not the handle of a directory')
    return open
  }

  async close(handle: Buffer): Promise<void> {
    const open = this.get(handle)
    this.#open.delete(handle.toString('latin1'))
    await close(open)
  }

  /** Closes all, and what is still being opened. */
  async closeAll(): Promise<void> {
    this.#closed = true
    const all = [...this.#open.values()]
    this.#open.clear()
    await Promise.allSettled(all.map(close))
  }
}

function close(open: Open): Promise<void> {
  return open.kind === 'file' ? open.file.close() : open.directory.close()
}
