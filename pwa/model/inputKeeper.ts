import type { WaitingInput } from '../store/schema.ts'
import type { KeptInput } from './keptInput.ts'

/** Milliseconds after which input that has not arrived is kept. */
const LATE = 1_000

/** Keeps what waits of a session's input in the store, for as long as it waits. */
export class InputKeeper {
  readonly #kept: KeptInput
  readonly #typist: () => string
  readonly #draw: () => Omit<WaitingInput, 'keptAt'> | undefined
  readonly #report: (error: unknown) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Under which name something is kept. */
  #id: string | undefined
  /** One write after the other. */
  #writes: Promise<void> = Promise.resolve()

  /**
   * @param typist under which name it is kept
   * @param draw gives what waits; undefined where nothing does, or what is too much
   */
  constructor(
    kept: KeptInput,
    typist: () => string,
    draw: () => Omit<WaitingInput, 'keptAt'> | undefined,
    report: (error: unknown) => void,
  ) {
    this.#kept = kept
    this.#typist = typist
    this.#draw = draw
    this.#report = report
  }

  /** Something is kept already, by the page before. */
  took(id: string): void {
    this.#id = id
  }

  /** Input came, or went. @param waits whether any is left */
  changed(waits: boolean): void {
    if (!waits) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      if (this.#id !== undefined) void this.keep()
      return
    }
    if (this.#id === undefined) void this.#kept.reserve(this.#typist())
    this.#timer ??= setTimeout(() => void this.keep(), LATE)
  }

  /** Keeps what waits now, or forgets what was kept. Resolves once it is stored. */
  keep(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const input = this.#draw()
    const before = this.#id
    this.#id = input?.id
    if (input) this.#write(() => this.#kept.put(input))
    else if (before !== undefined) this.#write(() => this.#kept.remove(before))
    return this.#writes
  }

  /** The page lets go of the session: what is kept is another's to have. */
  stop(): void {
    clearTimeout(this.#timer)
    const id = this.#id ?? this.#typist()
    this.#write(async () => this.#kept.release(id))
  }

  #write(write: () => Promise<void>): void {
    this.#writes = this.#writes.then(write).catch(this.#report)
  }
}
