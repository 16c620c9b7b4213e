import { type FileHandle, open } from 'node:fs/promises'
import { Refusal } from '../shared/failure.ts'
import { UsageError } from './config.ts'
import { type Fields, type Log, toLine } from './log.ts'

/** UTF-16 units that wait for a file that cannot be written; lines beyond it are counted and dropped. */
const BACKLOG_MAX = 1024 * 1024

/**
 * The file in which an operator keeps who was where: the log's line for each session that ended, appended. What cannot be
 * written waits until it can.
 */
export class AuditFile {
  readonly #path: string
  readonly #must: boolean
  readonly #log: Log
  #file: FileHandle
  #waiting = ''
  #dropped = 0
  /** Whether a write went wrong, perhaps in the middle of a line. */
  #broken = false
  #writing: Promise<void> = Promise.resolve()

  private constructor(path: string, must: boolean, log: Log, file: FileHandle) {
    this.#path = path
    this.#must = must
    this.#log = log
    this.#file = file
  }

  /**
   * Opens the file for appending; made with mode 0600.
   * @param must whether nothing may begin that cannot be recorded
   * @throws UsageError where it cannot be opened
   */
  static async open(path: string, must: boolean, log: Log): Promise<AuditFile> {
    try {
      return new AuditFile(path, must, log, await open(path, 'a', 0o600))
    } catch (error) {
      throw new UsageError(`--audit-file cannot be opened: ${(error as Error).message}`)
    }
  }

  /** Appends a line. Never throws and never waits. */
  write(event: string, fields: Fields): void {
    if (this.#waiting.length > BACKLOG_MAX) this.#dropped += 1
    else this.#waiting += toLine(event, fields)
    void this.#flush()
  }

  /** Where nothing may begin unrecorded: appends a line and waits for it. @throws Refusal `not-recorded` */
  async begin(event: string, fields: Fields): Promise<void> {
    if (!this.#must) return
    if (this.#broken) await this.#flush()
    if (!this.#broken) {
      this.write(event, fields)
      await this.#flush()
    }
    if (this.#broken) throw new Refusal('not-recorded')
  }

  /** Goes on in a new file of the same name, after the old one was moved away. */
  async reopen(): Promise<void> {
    await this.#next(async () => {
      const file = await open(this.#path, 'a', 0o600)
      await this.#file.close()
      this.#file = file
      this.#broken = false
    })
    await this.#flush()
  }

  async close(): Promise<void> {
    await this.#flush()
    await this.#file.close()
  }

  #flush(): Promise<void> {
    return this.#next(async () => {
      if (this.#waiting === '') {
        this.#broken = false
        return
      }
      const text = this.#waiting
      const dropped = this.#dropped
      this.#waiting = ''
      this.#dropped = 0
      try {
        // A line that was torn off ends here, so that no good one hangs on to it.
        const before = (this.#broken ? '\n' : '') + (dropped > 0 ? toLine('audit-dropped', { lines: dropped }) : '')
        await this.#file.appendFile(before + text)
        this.#broken = false
      } catch (error) {
        this.#waiting = text + this.#waiting
        this.#dropped += dropped
        throw error
      }
    })
  }

  /** One after the other; what goes wrong is logged when it begins to. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(work).catch((error: Error) => {
      if (!this.#broken) this.#log('audit-not-written', { error: error.message })
      this.#broken = true
    })
    return this.#writing
  }
}
