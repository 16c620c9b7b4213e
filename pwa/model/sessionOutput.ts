import { type ReadonlySignal, signal } from '@preact/signals'
import { bounds, type ServerMessage } from '../../shared/protocol.ts'
import type { Tab } from '../store/schema.ts'
import { Feed } from './feed.ts'
import type { DrawnScreen, KeptScreens } from './keptScreens.ts'
import { Pace } from './pace.ts'
import { ScreenKeeper } from './screenKeeper.ts'
import type { ScreenPort } from './screenPort.ts'
import type { SessionStanding } from './sessionStanding.ts'

/** Rendered bytes, and milliseconds of quiet, after which the relay is told. */
const ack = { bytes: 32 * 1024, ms: 50 }

/** What the output side needs of its session. */
interface OutputPorts {
  tab: ReadonlySignal<Tab>
  standing: SessionStanding
  screens: KeptScreens
  /** Takes up what was typed into a page that is gone. Rejects with `StoreFailure`. */
  restoreInput(sessionId: string): Promise<void>
  /** The screen's place in the output is known now: the session can be taken up. */
  placed(): void
  report(error: unknown): void
}

/** What comes out of one session: to the screen that shows it, by offset; of that screen, to the store and to the relay. */
export class SessionOutput {
  readonly #ports: OutputPorts
  readonly #standing: SessionStanding
  readonly #id: string
  readonly #screen = signal<ScreenPort | undefined>(undefined)
  readonly #gap = signal<number | undefined>(undefined)
  readonly #feed = new Feed((bytes) => this.#rendered(bytes))
  readonly #pace = new Pace()
  readonly #keeper: ScreenKeeper
  /** False from a reload until the screen's place in the output is known. */
  #placed: boolean
  #acked = 0
  /** The offset of the screen that the relay was handed last. */
  #handedIn = { sessionId: '', offset: 0 }
  /** Bytes of window that the relay was told. */
  #window = 0
  #size = { cols: 80, rows: 24 }
  #ackTimer: ReturnType<typeof setTimeout> | undefined

  constructor(ports: OutputPorts) {
    this.#ports = ports
    this.#standing = ports.standing
    const { id, session } = ports.tab.peek()
    this.#id = id
    this.#placed = session === undefined
    this.#keeper = new ScreenKeeper(ports.screens, () => this.#draw(), ports.report)
  }

  get screen(): ReadonlySignal<ScreenPort | undefined> {
    return this.#screen
  }

  /** Bytes of output that the relay could not keep while nobody was attached. */
  get gap(): ReadonlySignal<number | undefined> {
    return this.#gap
  }

  /** Bytes of output that the screen has parsed. */
  get offset(): number {
    return this.#feed.rendered
  }

  /** False while the screen's place in the output is not known: then the session cannot be taken up. */
  get placed(): boolean {
    return this.#placed
  }

  /** True while the screen parses output whose queries were answered before. */
  get replaying(): boolean {
    return this.#feed.replaying
  }

  /** What a reply to a query just now answers, by its offset. */
  get parsing(): number {
    return this.#feed.parsing
  }

  /** Columns and rows as they were last. */
  get size(): { cols: number; rows: number } {
    return this.#size
  }

  /** Shows it on this terminal, with the screen that was kept where there is one; returns what takes it away. */
  attachScreen(screen: ScreenPort): () => void {
    this.#screen.value = screen
    this.#size = screen.size
    const nothingYet = this.#placed && this.#feed.rendered === 0
    if (nothingYet && this.#standing.state.peek() !== 'closed') this.#feed.show(screen)
    else void this.#restore(screen).catch(this.#ports.report)
    return () => {
      if (this.#screen.peek() !== screen) return
      this.#screen.value = undefined
      this.#feed.show(undefined)
    }
  }

  /** The session is another's than the screen shows: the next screen has to find its place. */
  unplace(): void {
    this.#placed = false
  }

  /** Begins with a new shell. @param again whether the screen shows a former one, below which it is to stand */
  begin(again: boolean): void {
    this.#gap.value = undefined
    this.#feed.start(0)
    this.#acked = 0
    this.#placed = true
    const screen = this.#screen.peek()
    if (screen && again) {
      screen.settle()
      screen.note('New shell')
    }
    this.#feed.show(screen)
  }

  /** Bytes of window for a connect, which tells the relay. */
  firstWindow(): number {
    this.#window = this.#pace.window
    return this.#window
  }

  /** On a new socket the relay has not been told the window. */
  resume(): void {
    this.#window = 0
  }

  /** What comes next begins where the relay says, and the queries before `answeredTo` were answered. */
  attached({ offset, answeredTo, screen }: ServerMessage<'ssh-attached'>): void {
    this.#skip(offset, screen)
    this.#feed.mute(answeredTo)
  }

  /** Takes output. */
  receive(data: string | Uint8Array, offset: number | undefined): void {
    if (offset === undefined) return
    this.#skip(offset)
    this.#feed.receive(typeof data === 'string' ? new TextEncoder().encode(data) : data, offset)
  }

  resize(cols: number, rows: number): void {
    this.#size = { cols, rows }
    if (this.#standing.state.peek() === 'open') this.tellSize()
  }

  tellSize(): void {
    const { sessionId } = this.#standing
    if (sessionId) this.#standing.link?.send('ssh-resize', { sessionId, ...this.#size })
  }

  /** Tells the relay how far the screen is, if it shows anything. */
  tellRendered(): void {
    if (this.#feed.rendered > 0) this.#sendAck()
  }

  /** Keeps the screen now, if it can be gone on from. Rejects with `StoreFailure`. */
  keep(): Promise<void> {
    return this.#keeper.keep()
  }

  /** Lets go of the screen. */
  stop(): void {
    this.#screen.value = undefined
    clearTimeout(this.#ackTimer)
    this.#keeper.stop()
  }

  async #draw(): Promise<DrawnScreen | undefined> {
    await this.#handIn()
    const drawn = await this.#drawn()
    return drawn && { id: this.#id, sessionId: this.#standing.sessionId ?? '', ...drawn }
  }

  /** @param scrollback lines above the screen at most */
  async #drawn(scrollback?: number): Promise<Pick<DrawnScreen, 'offset' | 'data' | 'cols' | 'rows'> | undefined> {
    const screen = this.#screen.peek()
    if (!screen || !this.#placed || !this.#feed.whole) return undefined
    const drawn = await screen.serialize(scrollback)
    // What was drawn stands for the offset of this very turn, or for none.
    const offset = this.#feed.rendered
    if (!drawn || !this.#feed.whole || this.#screen.peek() !== screen) return undefined
    return { offset, ...drawn }
  }

  /**
   * Once in a quarter of the relay's log of output the relay is handed what the screen shows: when this page is away and the
   * log not long enough, it goes on from there.
   */
  async #handIn(): Promise<void> {
    const { sessionId, link, lasting, state } = this.#standing
    const hello = link?.hello.peek()
    if (!sessionId || !link || !lasting || state.peek() !== 'open') return
    if (!hello?.features.includes('screen')) return
    const since = this.#handedIn.sessionId === sessionId ? this.#handedIn.offset : 0
    if (this.#feed.rendered - since < hello.limits.log / 4) return
    const drawn = await this.#drawn(0)
    const same = state.peek() === 'open' && this.#standing.sessionId === sessionId
    if (!drawn || drawn.data.length > bounds.screen || !same) return
    if (link.send('ssh-screen', { sessionId, ...drawn })) this.#handedIn = { sessionId, offset: drawn.offset }
  }

  async #restore(screen: ScreenPort): Promise<void> {
    const { attempt, lasting, state } = this.#standing
    const typed = this.#placed ? undefined : lasting
    const [kept] = await Promise.all([
      this.#ports.screens.get(this.#id),
      typed !== undefined && this.#ports.restoreInput(typed).catch(this.#ports.report),
    ])
    if (this.#screen.peek() !== screen) return
    if (attempt !== this.#standing.attempt) {
      // A new shell was opened meanwhile.
      this.#feed.show(screen)
      return
    }
    const { session } = this.#ports.tab.peek()
    const same = kept !== undefined && kept.sessionId === session?.sessionId
    if (kept) screen.restore(kept.data, kept)
    if (kept && !same) screen.settle()
    if (state.peek() === 'open' && !session?.attachKey) {
      // Nothing can be asked for again: it goes on from here.
      this.#feed.show(screen)
      return
    }
    const offset = same ? kept.offset : 0
    this.#feed.start(offset)
    this.#acked = offset
    this.#placed = true
    this.#feed.show(screen)
    this.#ports.placed()
  }

  /**
   * Output before `offset` will not come any more: if some is missing, that is said.
   * @param left what the missing output has left on the screen
   */
  #skip(offset: number, left?: ServerMessage<'ssh-attached'>['screen']): void {
    const missing = offset - this.#feed.received
    if (missing <= 0) return
    this.#feed.skipTo(offset, left?.data)
    this.#gap.value = (this.#gap.peek() ?? 0) + missing
    const note = `${missing.toLocaleString('en')} bytes of output were not kept`
    const screen = this.#screen.peek()
    if (left) screen?.redraw(left.data, left, note)
    else screen?.note(note)
  }

  #rendered(bytes: number): void {
    this.#pace.rendered(bytes, this.#feed.busy, this.#standing.link?.roundTrip.peek())
    if (this.#feed.rendered - this.#acked >= ack.bytes) this.#sendAck()
    else this.#ackTimer ??= setTimeout(() => this.#sendAck(), ack.ms)
    this.#keeper.changed()
  }

  #sendAck(): void {
    clearTimeout(this.#ackTimer)
    this.#ackTimer = undefined
    const { sessionId, state } = this.#standing
    if (!sessionId || state.peek() !== 'open') return
    const offset = this.#feed.rendered
    const { window } = this.#pace
    const said = { sessionId, offset, ...(window !== this.#window && { window }) }
    const told = this.#standing.link?.send('ssh-ack', said)
    if (!told) return
    this.#acked = offset
    this.#window = window
  }
}
