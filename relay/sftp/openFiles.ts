import { randomInt } from 'node:crypto'
import { Refusal } from '../../shared/failure.ts'

/** A file that is open at the server, by the server's own handle. */
export interface OpenFile {
  handle: Buffer
  path: string
}

/** Numbers begin anywhere below this, so that one of a former session is no file of this one. */
const FIRST_MAX = 2 ** 31

/** The open files of one session, by the numbers that its client knows; a number is never given twice. */
export class OpenFiles {
  readonly #files = new Map<number, OpenFile>()
  readonly #max: number
  /** Places that are taken without a number. */
  #reserved = 0
  #next = randomInt(FIRST_MAX)

  /** @param max files open at once */
  constructor(max: number) {
    this.#max = max
  }

  /** Takes a place for a file that the client has no number for. Returns what frees it, once. @throws Refusal `too-many-handles` */
  reserve(): () => void {
    if (this.#files.size + this.#reserved >= this.#max) throw new Refusal('too-many-handles', { phase: 'files' })
    this.#reserved += 1
    return () => {
      this.#reserved -= 1
    }
  }

  /** Opens one and numbers it. @throws Refusal `too-many-handles`, and what `open` throws */
  async add(path: string, open: () => Promise<Buffer>): Promise<number> {
    const free = this.reserve()
    try {
      const handle = await open()
      const number = this.#next
      this.#next += 1
      this.#files.set(number, { handle, path })
      return number
    } finally {
      free()
    }
  }

  /** @throws Refusal `no-handle` */
  get(number: number): OpenFile {
    const file = this.#files.get(number)
    if (!file) throw new Refusal('no-handle', { phase: 'files' })
    return file
  }

  /** Forgets one and gives it back, to be closed. @throws Refusal `no-handle` */
  take(number: number): OpenFile {
    const file = this.get(number)
    this.#files.delete(number)
    return file
  }
}
