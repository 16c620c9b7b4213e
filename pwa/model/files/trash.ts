import { joinPath } from '../../../shared/fileInfo.ts'
import { decodeName, encodeName, isNameText } from '../../../shared/fileName.ts'
import { Failed } from '../failure.ts'
import type { Sftp } from '../sftp.ts'
import { failedWith, failureOfFile } from './fileFailure.ts'
import { nameOf } from './lstat.ts'
import { trashPaths } from './trashPath.ts'

/** Names that are tried for one file, beside those of the same name that are in the trash. */
const TRIES = 1000

/** Bytes of a name in the trash: file systems take 255, and notes are written under longer ones first. */
const ROOM = 200

/** Where something was, and where it lies in the trash. */
export interface Trashed {
  from: string
  /** Its name in the trash. */
  name: string
}

/** The trash of the account, as freedesktop.org's specification has it (version 1.0): the one of the home directory. */
export class Trash {
  readonly #sftp: Pick<Sftp, 'ask'>
  readonly #home: string
  readonly #paths: ReturnType<typeof trashPaths>
  #made: Promise<void> | undefined

  /** @param home the account's home directory, absolute */
  constructor(sftp: Pick<Sftp, 'ask'>, home: string) {
    this.#sftp = sftp
    this.#home = home
    this.#paths = trashPaths(home)
  }

  /** The directory that holds what was deleted. */
  get files(): string {
    return this.#paths.files
  }

  /** Whether a path is the trash or in it: what is deleted there is deleted for good. */
  holds(path: string): boolean {
    const { trash } = this.#paths
    return path === trash || path.startsWith(`${trash}/`)
  }

  /**
   * Moves something to the trash. Rejects with `Failed`: `not-in-trash` where it can only be deleted, since it is on another
   * file system or there can be no trash.
   */
  async take(from: string, now: Date): Promise<Trashed> {
    this.#made ??= this.#make()
    await this.#made
    for (let nth = 1; nth <= TRIES; nth++) {
      const name = numbered(shortened(nameOf(from)), nth)
      if (!(await this.#note(name, from, now))) continue
      try {
        await this.#sftp.ask('sftp-rename', { from, to: joinPath(this.files, name) })
        return { from, name }
      } catch (error) {
        await this.forget(name)
        if (failedWith(error, 'file-exists')) continue
        throw failedWith(error, 'sftp-failure', 'sftp-unsupported') ? new Failed('not-in-trash', error) : error
      }
    }
    throw new Failed('not-in-trash')
  }

  /** Moves it back to where it was; rejects with `file-exists` where something else is there now. */
  async putBack({ from, name }: Trashed): Promise<void> {
    await this.#sftp.ask('sftp-rename', { from: joinPath(this.files, name), to: from })
    await this.forget(name)
  }

  /** Where something in the trash was, absolute; undefined where that was not written down. Rejects with `Failed`. */
  async origin(name: string): Promise<string | undefined> {
    try {
      const { data } = await this.#sftp.ask('sftp-get', { path: this.#notePath(name) })
      return originIn(data)
    } catch (error) {
      if (failureOfFile(error)) return undefined
      throw error
    }
  }

  /** Forgets where something was that is not in the trash any more. */
  async forget(name: string): Promise<void> {
    await this.#sftp.ask('sftp-remove', { path: this.#notePath(name) }).catch((error: unknown) => {
      if (!failedWith(error, 'no-such-file')) throw error
    })
  }

  /** Makes the directories that are not there yet. */
  async #make(): Promise<void> {
    const below = [
      '.local',
      '.local/share',
      '.local/share/Trash',
      '.local/share/Trash/files',
      '.local/share/Trash/info',
    ]
    const sftp = this.#sftp
    try {
      if (await isDirectory(sftp, this.#paths.info)) return
      for (const path of below) {
        await sftp
          .ask('sftp-mkdir', { path: joinPath(this.#home, path), mode: 0o700 })
          .catch(async (error: unknown) => {
            if (!(await isDirectory(sftp, joinPath(this.#home, path)))) throw error
          })
      }
    } catch (error) {
      this.#made = undefined
      throw failedWith(error, 'sftp-failure', 'sftp-unsupported', 'permission-denied', 'no-such-file', 'read-only')
        ? new Failed('not-in-trash', error)
        : error
    }
  }

  /** Writes down what will lie in the trash under a name, before it does. False where the name is taken. */
  async #note(name: string, from: string, now: Date): Promise<boolean> {
    const path = this.#notePath(name)
    const data = new TextEncoder().encode(trashInfo(from, now))
    try {
      await this.#sftp.ask('sftp-put', { path, data, mode: 0o600, existing: 'refuse' })
      return true
    } catch (error) {
      if (failedWith(error, 'file-exists')) return false
      throw error
    }
  }

  #notePath(name: string): string {
    return joinPath(this.#paths.info, `${name}.trashinfo`)
  }
}

async function isDirectory(sftp: Pick<Sftp, 'ask'>, path: string): Promise<boolean> {
  try {
    const { attributes } = await sftp.ask('sftp-stat', { path })
    return ((attributes.mode ?? 0) & 0o170000) === 0o040000
  } catch (error) {
    if (failedWith(error, 'no-such-file')) return false
    throw error
  }
}

/** A name that leaves room for what the trash puts behind and before it; most are short enough as they are. */
function shortened(name: string): string {
  if (encodeName(name).length <= ROOM) return name
  const characters = Array.from(name)
  const end = characters.slice(-8).join('')
  let start = characters.slice(0, -8)
  while (encodeName(start.join('') + end).length > ROOM) start = start.slice(0, -1)
  return start.join('') + end
}

/** `notes.txt`, `notes.2.txt`; the dot of a hidden file begins no extension. */
function numbered(name: string, nth: number): string {
  if (nth === 1) return name
  const dot = name.lastIndexOf('.')
  return dot > 0 ? `${name.slice(0, dot)}.${nth}${name.slice(dot)}` : `${name}.${nth}`
}

/** The note of the specification: the path in percent-encoding (RFC 2396 §2) by bytes, the local time without a zone. */
function trashInfo(path: string, now: Date): string {
  const encoded = Array.from(encodeName(path), (byte) => {
    const character = String.fromCharCode(byte)
    return /[A-Za-z0-9/._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
  return `[Trash Info]\nPath=${encoded}\nDeletionDate=${local}\n`
}

/** Reads a note: only a path that a note of ours could hold, so none that is relative or goes up. Pure. */
export function originIn(note: Uint8Array): string | undefined {
  const [, encoded] = /^Path=([!-~]{1,12288})$/m.exec(decodeName(note)) ?? []
  if (encoded === undefined) return undefined
  const bytes = encoded.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const path = decodeName(Uint8Array.from(bytes, (character) => character.charCodeAt(0)))
  const plain = path.startsWith('/') && isNameText(path) && !/\/\.{0,2}(\/|$)/.test(path)
  return plain ? path : undefined
}
