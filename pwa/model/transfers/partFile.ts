import { partPath } from '../../../shared/partPath.ts'
import { Failed } from '../failure.ts'
import { failedWith } from '../files/fileFailure.ts'
import type { Place } from './place.ts'
import { type Files, has, kindOf, letGo, look, readAt, removeIfThere, sameBytes, wrongSize } from './remote.ts'

/** Bytes at the end of what is there that must be the same as in the source before it is gone on from. */
const TAIL = 64 * 1024

/** Gives bytes of the source. */
export type Source = (offset: number, length: number) => Promise<Uint8Array>

/** How the file is to be when it is whole. */
export interface Finish {
  size: number
  /** Permissions, without the bits that run it as somebody else. */
  mode: number
  /** Seconds since 1970. */
  mtime: number
  /** Of the source, where it is to be compared. */
  sha256?: () => Promise<string | undefined>
}

/** Whether the last bytes before `at` are the same in an open file and in the source. Rejects with `Failed`. */
export async function tailAgrees(sftp: Files, handle: number, at: number, source: Source): Promise<boolean> {
  const length = Math.min(TAIL, at)
  const [there, ours] = await Promise.all([readAt(sftp, handle, at - length, length), source(at - length, length)])
  return sameBytes(there, ours)
}

/**
 * A file beside its place that takes that place once it is whole, so that what is there is the old file or the complete new
 * one, whatever happens. Everything rejects with `Failed`.
 */
export class PartFile {
  readonly path: string
  readonly handle: number
  /** All before this is there. */
  readonly from: number
  readonly #sftp: Files
  readonly #random: string
  #open = true

  private constructor(sftp: Files, random: string, path: string, handle: number, from: number) {
    this.#sftp = sftp
    this.#random = random
    this.path = path
    this.handle = handle
    this.from = from
  }

  /**
   * Opens it anew, or goes on with what a former try has left.
   * @param begun how much the server has acknowledged of a source of this size; more may be there, but with holes perhaps
   */
  static async open(
    sftp: Files,
    target: string,
    random: string,
    begun: { acked: number; size: number; source: Source },
  ): Promise<PartFile> {
    const path = partPath(target, random)
    const make = (handle: number, from: number) => new PartFile(sftp, random, path, handle, from)
    if (begun.acked > 0) {
      const handle = await goOn(sftp, path, begun)
      if (handle !== undefined) return make(handle, begun.acked)
    }
    const fresh = { path, read: true, write: true, create: true, exclusive: true, mode: 0o600 }
    try {
      return make((await sftp.ask('sftp-open', fresh)).handle, 0)
    } catch (error) {
      // What a former try has left, perhaps; else it fails again.
      if (!failedWith(error, 'file-exists', 'sftp-failure')) throw error
      await removeIfThere(sftp, path)
      return make((await sftp.ask('sftp-open', fresh)).handle, 0)
    }
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    await this.#sftp.ask('sftp-write', { handle: this.handle, offset, data })
  }

  /** Makes sure that it is whole, gives it its mode and time, and closes it. */
  async finish({ size, mode, mtime, sha256 }: Finish): Promise<void> {
    const sftp = this.#sftp
    const { handle } = this
    const changed = sftp.ask('sftp-fsetstat', { handle, attributes: { mode: mode & 0o777, atime: mtime, mtime } })
    const synced = has(sftp, 'fsync@openssh.com') ? sftp.ask('sftp-fsync', { handle }) : undefined
    const found = sftp.ask('sftp-fstat', { handle })
    // Asked for at once: servers keep the order of what is asked of one handle (draft §6.1), and a far one takes one round trip.
    this.#open = false
    const closed = sftp.ask('sftp-close', { handle })
    const [{ attributes }] = await Promise.all([
      found,
      // File systems without modes refuse it, and the file is whole all the same.
      changed.catch((error: unknown) => tolerate(error, 'permission-denied', 'sftp-unsupported', 'sftp-failure')),
      synced,
      closed,
    ])
    if (attributes.size !== size) throw wrongSize(attributes.size ?? 0, size)
    if (sha256) await this.#compare(sha256)
  }

  async #compare(sha256: () => Promise<string | undefined>): Promise<void> {
    const there = this.#sftp
      .ask('sftp-hash', { path: this.path })
      .catch((error: unknown) => tolerate(error, 'sftp-unsupported'))
    const [ours, theirs] = await Promise.all([sha256(), there])
    if (ours !== undefined && theirs && theirs.sha256 !== ours) throw new Failed('wrong-content')
  }

  /**
   * Takes its place; call it when it is finished. False where something has come there meanwhile: then another place is to be
   * found.
   */
  async put({ path, there }: Place): Promise<boolean> {
    const sftp = this.#sftp
    const from = this.path
    const now = await look(sftp, path)
    if (now?.size !== there?.size || now?.mtime !== there?.mtime || (now && kindOf(now) === 'directory')) return false
    if (now && has(sftp, 'posix-rename@openssh.com')) {
      await sftp.ask('sftp-rename', { from, to: path, overwrite: true })
      return true
    }
    const aside = partPath(path, this.#random, 'old')
    if (now) await sftp.ask('sftp-rename', { from: path, to: aside })
    try {
      await sftp.ask('sftp-rename', { from, to: path })
    } catch (error) {
      if (now) await sftp.ask('sftp-rename', { from: aside, to: path })
      else if (failedWith(error, 'file-exists', 'sftp-failure') && (await look(sftp, path))) return false
      throw error
    }
    if (now) await removeIfThere(sftp, aside)
    return true
  }

  /** Lets go of it, and leaves it to be gone on with. */
  leave(): void {
    if (this.#open) letGo(this.#sftp, this.handle)
    this.#open = false
  }

  /** Removes it. */
  async remove(): Promise<void> {
    this.leave()
    await removeIfThere(this.#sftp, this.path)
  }
}

/** Opens what is there where it can be gone on with; undefined where it cannot. */
async function goOn(
  sftp: Files,
  path: string,
  { acked, size, source }: { acked: number; size: number; source: Source },
): Promise<number | undefined> {
  const there = await look(sftp, path)
  const length = there?.size ?? 0
  if (!there || kindOf(there) !== 'file' || length < acked || length > size || acked > size) return undefined
  const { handle } = await sftp.ask('sftp-open', { path, read: true, write: true })
  try {
    if (await tailAgrees(sftp, handle, acked, source)) return handle
  } catch (error) {
    letGo(sftp, handle)
    throw error
  }
  letGo(sftp, handle)
  return undefined
}

function tolerate(error: unknown, ...codes: Parameters<typeof failedWith>[1][]): undefined {
  if (failedWith(error, ...codes)) return undefined
  throw error
}
