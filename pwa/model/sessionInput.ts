import { type ReadonlySignal, signal } from '@preact/signals'
import type { ServerMessage } from '../../shared/protocol.ts'
import type { WaitingInput } from '../store/schema.ts'
import { Failed } from './failure.ts'
import { HeldInput } from './heldInput.ts'
import { newId } from './id.ts'
import { InputKeeper } from './inputKeeper.ts'
import { InputQueue, type Sending } from './inputQueue.ts'
import type { KeptInput } from './keptInput.ts'
import { ageOf, type Moment, thisMoment } from './moment.ts'
import { ReplyLimit } from './replyLimit.ts'

/** Milliseconds after which input that waited for the relay is no longer sent without a word of the person. */
const STALE = 10_000
/** Bytes that are kept for a page that comes back. More is a paste, which a person has elsewhere; half of it would be worse than none. */
const KEPT = 64 * 1024

/** What the input side needs of its session. */
interface InputPorts {
  /** Gives a piece to the socket; false where that cannot be done now. */
  send(piece: Sending): boolean
  /** What the relay calls the session; undefined where it cannot be taken up again. */
  sessionId(): string | undefined
  kept: KeptInput
  report(error: unknown): void
}

/** What goes into one session: typed, pasted, and answered by the terminal. Each byte is sent once, and an old one not unasked. */
export class SessionInput {
  readonly #ports: InputPorts
  readonly #queue = new InputQueue()
  readonly #held = new HeldInput()
  readonly #replies = new ReplyLimit()
  readonly #pending = signal(0)
  readonly #keeper: InputKeeper
  #typist = newId()
  /** Whether some of it was typed into a page that is gone. */
  #restored = false
  /** When the relay was last heard of, while it is away. */
  #awaySince: Moment | undefined

  constructor(ports: InputPorts) {
    this.#ports = ports
    this.#keeper = new InputKeeper(
      ports.kept,
      () => this.#typist,
      () => this.#waiting(),
      ports.report,
    )
  }

  /** Names this page among those that type into the session; or the one whose input it has taken up. */
  get typist(): string {
    return this.#typist
  }

  /** Characters typed that the relay is not known to have. */
  get pending(): ReadonlySignal<number> {
    return this.#pending
  }

  /** Input that was typed too long ago to be sent unasked: `sendHeld` or `discardHeld` ends the question. */
  get held(): HeldInput['shown'] {
    return this.#held.shown
  }

  /** Characters that were never sent; of others it is not known whether they arrived. */
  get unsent(): number {
    const queued = this.#restored ? this.#queue.characters : this.#queue.unsentCharacters
    return queued + (this.#held.shown.peek()?.characters ?? 0)
  }

  /** Types. False where too much waits, which is reported. */
  type(data: Uint8Array): boolean {
    // Behind what is asked about, not around it.
    const held = this.#held.shown.peek() !== undefined
    const taken = held ? this.#held.append(data) : this.#queue.append(data, thisMoment())
    if (!taken) this.#ports.report(new Failed('input-full'))
    this.send()
    return taken
  }

  /**
   * Answers a query of the program, unless there were too many.
   * @param answers the offset of the output that is answered
   */
  reply(data: string, answers: number): void {
    if (!this.#replies.take()) return
    // The relay remembers what was answered: a page that crashes here cannot say it a second time.
    this.#queue.append(new TextEncoder().encode(data), thisMoment(), answers)
    this.send()
  }

  /** Sends the input that was asked about. */
  sendHeld(): void {
    this.#queue.putBack(this.#held.take(), thisMoment())
    // With its place among all input, by which the next page knows what has arrived: what is asked about has none.
    void this.#keeper.keep()
    this.send()
  }

  /** Forgets the input that was asked about. */
  discardHeld(): void {
    this.#held.take()
    void this.#keeper.keep()
    this.#changed()
  }

  /** Sends what can be sent now. */
  send(): void {
    for (let piece = this.#queue.take(); piece; piece = this.#queue.take()) {
      if (this.#ports.send(piece)) continue
      this.#queue.untake(piece.offset)
      break
    }
    this.#changed()
  }

  /** The relay has everything before `offset`. */
  acknowledged(offset: number): void {
    this.#queue.acknowledged(offset)
    this.send()
  }

  /** The relay is out of reach, and was heard of last at this moment. */
  away(since: Moment | undefined): void {
    this.#awaySince = since
  }

  /** What the relay does not have waits to be sent, or is asked about where it is old or somebody else has typed since. */
  resume({ inputOffset, ownInput = 0 }: Pick<ServerMessage<'ssh-attached'>, 'inputOffset' | 'ownInput'>): void {
    const queue = this.#queue
    queue.resume(inputOffset, ownInput)
    const { oldest } = queue
    const now = thisMoment()
    const waited = oldest && Math.min(ageOf(oldest, now), this.#awaySince ? ageOf(this.#awaySince, now) : STALE + 1)
    this.#awaySince = undefined
    const other = ownInput > 0 && ownInput < inputOffset
    if (other || this.#restored || (waited !== undefined && waited > STALE)) this.#held.hold(queue.withdraw())
    this.#restored = false
    this.#changed()
  }

  /** Forgets everything: the next byte is a new session's first. */
  reset(): void {
    this.#queue.reset()
    this.#held.take()
    this.#restored = false
    this.#changed()
    void this.#keeper.keep()
  }

  /** Takes up what was typed into a page that is gone and had not arrived. Before the attach. Rejects with `StoreFailure`. */
  async restore(sessionId: string): Promise<void> {
    const { kept } = this.#ports
    const input = await kept.claim(sessionId)
    if (!input) return
    if (this.#ports.sessionId() !== sessionId) {
      kept.release(input.id)
      return
    }
    this.#typist = input.id
    this.#restored = true
    this.#queue.restore(input.offset, input.pieces, thisMoment())
    this.#held.hold(input.held)
    this.#keeper.took(input.id)
    this.#changed()
  }

  /** Keeps what waits now: before the page goes. */
  keep(): Promise<void> {
    return this.#keeper.keep()
  }

  /** Lets go: what is kept is for another page to take up. */
  stop(): void {
    this.#keeper.stop()
  }

  #changed(): void {
    this.#pending.value = this.#queue.characters
    this.#keeper.changed(this.#pending.peek() > 0 || this.#held.shown.peek() !== undefined)
  }

  #waiting(): Omit<WaitingInput, 'keptAt'> | undefined {
    const sessionId = this.#ports.sessionId()
    const held = this.#held.kept
    if (sessionId === undefined || (this.#queue.characters === 0 && held.length === 0)) return undefined
    const { offset, pieces } = this.#queue.kept
    const bytes = [...pieces.map(({ data }) => data), ...held].reduce((sum, { length }) => sum + length, 0)
    if (bytes > KEPT) return undefined
    // A view of a big paste would take all of it along.
    const own = (data: Uint8Array) => data.slice()
    return {
      id: this.#typist,
      sessionId,
      offset,
      pieces: pieces.map((piece) => ({ ...piece, data: own(piece.data) })),
      held: held.map(own),
    }
  }
}
