import { type ReadonlySignal, signal } from '@preact/signals'
import { fileType } from '../../shared/fileInfo.ts'
import { Failed } from './failure.ts'
import type { Sftp } from './sftp.ts'

/** What a symbolic link leads to; `broken` where there is nothing, or nothing that may be seen. */
export type LeadsTo = 'directory' | 'file' | 'broken'

/** Requests on their way at once. */
const atOnce = 4
/** Links that are remembered. */
const most = 2_000

/** What symbolic links of a listing lead to, asked as they come into sight. */
export class LinkTargets {
  readonly #sftp: Pick<Sftp, 'ask'>
  readonly #known = signal<ReadonlyMap<string, LeadsTo>>(new Map())
  #wanted: string[] = []
  readonly #asked = new Set<string>()
  #closed = false

  constructor(sftp: Pick<Sftp, 'ask'>) {
    this.#sftp = sftp
  }

  /** Path of a link → what it leads to, as far as is known. */
  get known(): ReadonlySignal<ReadonlyMap<string, LeadsTo>> {
    return this.#known
  }

  /** Asks about links by their paths; what is in sight no longer and has not been asked yet is left out. */
  look(paths: readonly string[]): void {
    this.#wanted = paths.filter((path) => !this.#known.peek().has(path) && !this.#asked.has(path))
    while (this.#asked.size < atOnce && this.#next());
  }

  close(): void {
    this.#closed = true
    this.#wanted = []
  }

  #next(): boolean {
    const path = this.#wanted.shift()
    if (path === undefined) return false
    this.#asked.add(path)
    leadsTo(this.#sftp, path).then(
      (found) => this.#answered(path, found),
      // It stays unknown, and is asked about again when it comes into sight again.
      () => this.#answered(path, undefined),
    )
    return true
  }

  #answered(path: string, found: LeadsTo | undefined): void {
    this.#asked.delete(path)
    if (this.#closed) return
    if (found) this.#known.value = new Map([...this.#known.peek(), [path, found] as const].slice(-most))
    this.#next()
  }
}

/** Asks what a link leads to. Rejects with `Failed` where that cannot be asked now. */
export async function leadsTo(sftp: Pick<Sftp, 'ask'>, path: string): Promise<LeadsTo> {
  try {
    const { attributes } = await sftp.ask('sftp-stat', { path })
    return fileType(attributes.mode ?? 0) === 'directory' ? 'directory' : 'file'
  } catch (error) {
    // OpenSSH says of a loop of links only that it failed.
    const codes = ['no-such-file', 'permission-denied', 'sftp-failure']
    if (error instanceof Failed && codes.includes(error.failure.code)) return 'broken'
    throw error
  }
}
