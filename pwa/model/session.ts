import { effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals'
import { bounds, type ServerMessage } from '../../shared/protocol.ts'
import { next, type SessionState, type SessionStep } from '../../shared/session.ts'
import { shortText } from '../../shared/shortText.ts'
import type { Target } from '../../shared/target.ts'
import type { Ending, Screen, Tab } from '../store/schema.ts'
import { askerFor, destination } from './asker.ts'
import { claimSession, makeAttachKey } from './attachKey.ts'
import { type Ended, explainEnd } from './ended.ts'
import type { EndpointView } from './endpoints.ts'
import { type AppFailure, Failed, failureOf } from './failure.ts'
import { Feed } from './feed.ts'
import { HeldInput } from './heldInput.ts'
import { newId } from './id.ts'
import { InputQueue } from './inputQueue.ts'
import type { KeptScreens } from './keptScreens.ts'
import type { Hello, Link } from './link.ts'
import { ageOf, type Moment, thisMoment } from './moment.ts'
import { onceOnline } from './onceOnline.ts'
import { Pace } from './pace.ts'
import { plainText } from './plainText.ts'
import type { Prompts } from './prompts.ts'
import { ReplyLimit } from './replyLimit.ts'
import { ScreenKeeper } from './screenKeeper.ts'
import type { ScreenPort } from './screenPort.ts'

/** What a session needs of its tab and of the app. */
export interface SessionPorts {
  tab: ReadonlySignal<Tab>
  endpoint: ReadonlySignal<EndpointView | undefined>
  prompts: Prompts
  screens: KeptScreens
  change(change: (old: Tab) => Tab): void
  /** Ends the session when its relay is back. */
  endLater(ending: Omit<Ending, 'endedAt'>): Promise<void>
  report(error: unknown): void
}

/** What a server should know of the terminal, if it accepts it: characters are UTF-8, whatever its own language is. */
const TERMINAL_ENV = { LC_CTYPE: 'C.UTF-8', COLORTERM: 'truecolor' }
/** Rendered bytes, and milliseconds of quiet, after which the relay is told. */
const ack = { bytes: 32 * 1024, ms: 50 }
/** Milliseconds after which input that waited for the relay is no longer sent without a word of the person. */
const STALE = 10_000

/**
 * One shell, as a tab shows it. It outlives sockets, reloads and windows: output is placed by offset, input is sent
 * exactly once, and only a program that has ended, or a relay that has restarted, ends it.
 */
export class Session {
  readonly id: string
  readonly #ports: SessionPorts
  readonly #state: Signal<SessionState>
  readonly #failure = signal<AppFailure | undefined>(undefined)
  readonly #ended = signal<Ended | undefined>(undefined)
  readonly #banner = signal<string | undefined>(undefined)
  readonly #gap = signal<number | undefined>(undefined)
  readonly #pendingInput = signal(0)
  readonly #takenElsewhere = signal(false)
  readonly #screen = signal<ScreenPort | undefined>(undefined)
  readonly #feed = new Feed((bytes) => this.#rendered(bytes))
  readonly #pace = new Pace()
  readonly #input = new InputQueue()
  readonly #held = new HeldInput()
  readonly #replies = new ReplyLimit()
  readonly #keeper: ScreenKeeper
  readonly #stop: () => void
  /** Counts what was begun: an answer to an earlier connect or attach is not listened to. */
  #attempt = 0
  /** The id that is being connected or connected, from the first question on. */
  #asking: string | undefined
  /** False from a reload until the screen's place in the output is known. */
  #placed = true
  #acked = 0
  /** The offset of the screen that the relay was handed last. */
  #handedIn = { sessionId: '', offset: 0 }
  /** Bytes of window that the relay was told. */
  #window = 0
  #size = { cols: 80, rows: 24 }
  #unroute: () => void = () => undefined
  #ackTimer: ReturnType<typeof setTimeout> | undefined
  /** Names this page among those that type into the session. */
  readonly #typist = newId()
  /** When the relay was last heard of, while it is away. */
  #awaySince: Moment | undefined

  /** What the program calls its window; one line, cleaned. Written by the terminal. */
  readonly title = signal<string | undefined>(undefined)
  /** The directory that the shell says it is in, absolute. Written by the terminal. */
  readonly directory = signal<string | undefined>(undefined)
  /** Counts the bells. Written by the terminal. */
  readonly bell = signal(0)

  constructor(ports: SessionPorts) {
    this.#ports = ports
    const tab = ports.tab.peek()
    this.id = tab.id
    this.#placed = tab.session === undefined
    this.#state = signal(tab.session ? 'detached' : 'closed')
    if (!tab.session && tab.view.terminal) {
      this.#ended.value = { reason: 'lost', message: 'The session has ended.' }
    }
    this.#keeper = new ScreenKeeper(ports.screens, () => this.#draw(), ports.report)
    this.#stop = effect(() => {
      const hello = ports.endpoint.value?.link.hello.value
      untracked(() => (hello ? this.#online(hello) : this.#offline()))
    })
  }

  get state(): ReadonlySignal<SessionState> {
    return this.#state
  }

  /** Why it could not be opened, or ended in the middle. */
  get failure(): ReadonlySignal<AppFailure | undefined> {
    return this.#failure
  }

  get ended(): ReadonlySignal<Ended | undefined> {
    return this.#ended
  }

  /** What the server said before the login. */
  get banner(): ReadonlySignal<string | undefined> {
    return this.#banner
  }

  /** Bytes of output that the relay could not keep while nobody was attached. */
  get gap(): ReadonlySignal<number | undefined> {
    return this.#gap
  }

  /** Characters typed that the relay is not known to have. */
  get pendingInput(): ReadonlySignal<number> {
    return this.#pendingInput
  }

  /** Input that was typed too long ago to be sent unasked: `sendHeld` or `discardHeld` ends the question. */
  get heldInput(): HeldInput['shown'] {
    return this.#held.shown
  }

  /** Another window has it; `takeBack` brings it here. */
  get takenElsewhere(): ReadonlySignal<boolean> {
    return this.#takenElsewhere
  }

  get screen(): ReadonlySignal<ScreenPort | undefined> {
    return this.#screen
  }

  get target(): Target {
    return this.#ports.tab.value.target
  }

  get link(): Link | undefined {
    return this.#ports.endpoint.value?.link
  }

  /** What the relay calls it; undefined while there is none. */
  get sessionId(): string | undefined {
    return this.#ports.tab.value.session?.sessionId
  }

  /** Bytes of output that the screen has parsed. */
  get offset(): number {
    return this.#feed.rendered
  }

  /** Shows the session on this terminal; returns what takes it away. After a reload this is what takes the session up. */
  attachScreen(screen: ScreenPort): () => void {
    this.#screen.value = screen
    this.#size = screen.size
    const nothingYet = this.#placed && this.#feed.rendered === 0
    if (nothingYet && this.#state.peek() !== 'closed') this.#feed.show(screen)
    else void this.#restore(screen).catch(this.#ports.report)
    return () => {
      if (this.#screen.peek() !== screen) return
      this.#screen.value = undefined
      this.#feed.show(undefined)
    }
  }

  /** Its tab has a session that another window opened: a terminal that shows it here takes it up. */
  adopt(): void {
    if (this.#state.peek() !== 'closed' || !this.#ports.tab.peek().session) return
    this.#ended.value = undefined
    this.#failure.value = undefined
    this.#placed = false
    this.#state.value = 'detached'
  }

  /** Types. False where it could not be taken: the session is over or elsewhere, or too much waits. */
  input(data: string | Uint8Array): boolean {
    if (this.#state.peek() === 'closed') {
      if (data === '\r' && this.#ended.peek()) this.reconnect()
      return false
    }
    if (this.#takenElsewhere.peek()) return false
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
    // Behind what is asked about, not around it.
    const held = this.#held.shown.peek() !== undefined
    const taken = held ? this.#held.append(bytes) : this.#input.append(bytes, thisMoment())
    if (!taken) this.#ports.report(new Failed('input-full'))
    this.#sendInput()
    return taken
  }

  /** Sends the input that was asked about. */
  sendHeld(): void {
    this.#input.putBack(this.#held.take(), thisMoment())
    this.#sendInput()
  }

  /** Forgets the input that was asked about. */
  discardHeld(): void {
    this.#held.take()
  }

  /** Sends what the terminal answers to a query in the output, unless it was answered before. */
  reply(data: string): void {
    if (this.#feed.replaying) return
    if (this.#state.peek() === 'closed' || this.#takenElsewhere.peek() || !this.#replies.take()) return
    // The relay remembers what was answered: a page that crashes here cannot say it a second time.
    this.#input.append(new TextEncoder().encode(data), thisMoment(), this.#feed.parsing)
    this.#sendInput()
  }

  resize(cols: number, rows: number): void {
    this.#size = { cols, rows }
    if (this.#state.peek() === 'open') this.#tellSize()
  }

  /** Opens a shell: the first, or a new one after the former has ended. */
  reconnect(): void {
    if (this.#state.peek() !== 'closed') return
    const again = this.#ended.peek() !== undefined && this.#screen.peek() !== undefined
    this.#failure.value = undefined
    this.#ended.value = undefined
    this.#banner.value = undefined
    this.#gap.value = undefined
    this.title.value = undefined
    this.directory.value = undefined
    this.#takenElsewhere.value = false
    this.#state.value = 'connecting'
    this.#input.reset()
    this.#held.take()
    this.#feed.start(0)
    this.#acked = 0
    this.#placed = true
    const screen = this.#screen.peek()
    if (screen && again) {
      screen.settle()
      screen.note('New shell')
    }
    this.#feed.show(screen)
    void this.#connect().catch((error) => this.#failed(error))
  }

  /** Takes the session back from the window that has it. */
  takeBack(): void {
    if (!this.#takenElsewhere.peek()) return
    this.#takenElsewhere.value = false
    const hello = this.link?.hello.peek()
    if (hello) this.#online(hello)
  }

  /** Ends the session, wherever it is attached. A relay that cannot be reached is told when it is back. */
  async close(): Promise<void> {
    if (this.#state.peek() === 'closed') return
    const { endpointId, session } = this.#ports.tab.peek()
    const { link } = this
    this.#over({ reason: 'closed', message: 'Disconnected.' })
    if (!session) return
    const { sessionId, epoch } = session
    const here = link?.hello.peek()?.epoch
    if (here !== undefined && here !== epoch) return
    try {
      if (!link || here === undefined) throw new Failed('relay-lost')
      await link.ask('session-end', { sessionId })
    } catch (error) {
      const code = error instanceof Failed ? error.failure.code : undefined
      if (code === 'relay-lost') await this.#ports.endLater({ id: sessionId, endpointId, epoch })
      else if (code !== 'no-session') throw error
    }
  }

  /**
   * Gives the session back to the relay, where it goes on without a socket; whoever calls lets go of its tab. Rejects with
   * `Failed`: `session-over`, or `input-waits` while not all that was typed has arrived.
   */
  async detach(): Promise<void> {
    const { sessionId, link } = this
    if (this.#state.peek() === 'closed' || !sessionId || !link) throw new Failed('session-over')
    if (this.#pendingInput.peek() > 0 || this.#held.shown.peek()) throw new Failed('input-waits')
    await this.keepScreen()
    if (this.#state.peek() !== 'open' || this.#takenElsewhere.peek()) return
    this.#unroute()
    await link.ask('ssh-detach', { sessionId }).catch((error: unknown) => {
      // A relay that was lost, or has another socket for it, has let go already.
      if (!(error instanceof Failed && ['no-session', 'relay-lost'].includes(error.failure.code))) throw error
    })
  }

  /** Keeps the screen now, if it can be gone on from: before the page goes. */
  keepScreen(): Promise<void> {
    return this.#keeper.keep()
  }

  /** Lets go without ending the session: its tab was closed by another window, or the app ends. */
  dispose(): void {
    this.#attempt++
    this.#stop()
    this.#unroute()
    if (this.#asking) this.#ports.prompts.drop(this.#asking)
    this.#screen.value = undefined
    clearTimeout(this.#ackTimer)
    this.#keeper.stop()
  }

  async #draw(): Promise<Omit<Screen, 'keptAt'> | undefined> {
    await this.#handIn()
    const drawn = await this.#drawn()
    return drawn && { id: this.id, sessionId: this.sessionId ?? '', ...drawn }
  }

  /** @param scrollback lines above the screen at most */
  async #drawn(scrollback?: number): Promise<Pick<Screen, 'offset' | 'data' | 'cols' | 'rows'> | undefined> {
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
    const { sessionId, link } = this
    const hello = link?.hello.peek()
    const { session } = this.#ports.tab.peek()
    if (!sessionId || !link || !session?.attachKey || this.#state.peek() !== 'open') return
    if (!hello?.features.includes('screen')) return
    const since = this.#handedIn.sessionId === sessionId ? this.#handedIn.offset : 0
    if (this.#feed.rendered - since < hello.limits.log / 4) return
    const drawn = await this.#drawn(0)
    if (!drawn || drawn.data.length > bounds.screen || this.#state.peek() !== 'open' || this.sessionId !== sessionId)
      return
    if (link.send('ssh-screen', { sessionId, ...drawn })) this.#handedIn = { sessionId, offset: drawn.offset }
  }

  async #restore(screen: ScreenPort): Promise<void> {
    const attempt = this.#attempt
    const kept = await this.#ports.screens.get(this.id)
    if (this.#screen.peek() !== screen) return
    if (attempt !== this.#attempt) {
      // A new shell was opened meanwhile.
      this.#feed.show(screen)
      return
    }
    const { session } = this.#ports.tab.peek()
    const same = kept !== undefined && kept.sessionId === session?.sessionId
    if (kept) screen.restore(kept.data, kept)
    if (kept && !same) screen.settle()
    if (this.#state.peek() === 'open' && !session?.attachKey) {
      // Nothing can be asked for again: it goes on from here.
      this.#feed.show(screen)
      return
    }
    const offset = same ? kept.offset : 0
    this.#feed.start(offset)
    this.#acked = offset
    this.#placed = true
    this.#feed.show(screen)
    const hello = this.link?.hello.peek()
    if (hello) this.#online(hello)
  }

  #online(hello: Hello): void {
    const { session } = this.#ports.tab.peek()
    if (this.#state.peek() === 'closed' || this.#takenElsewhere.peek() || !this.#placed) return
    if (!session) return
    if (session.epoch !== hello.epoch) this.#missing('The relay was restarted, so the session has ended.')
    else if (!session.attachKey)
      this.#gone('The relay was lost, and over plain http a session cannot be taken up again.')
    else void this.#attach(hello).catch((error) => this.#failed(error))
  }

  #offline(): void {
    this.#unroute()
    if (this.#state.peek() === 'open') this.#awaySince = this.link?.lastHeard.peek()
    this.#step('lost')
  }

  async #connect(): Promise<void> {
    const attempt = ++this.#attempt
    const { endpoint, prompts } = this.#ports
    const sessionId = newId()
    this.#asking = sessionId
    const view = endpoint.peek()
    if (!view) throw new Failed('relay-forgotten')
    const [target, hello, key] = await Promise.all([
      this.#named(view, sessionId),
      onceOnline(view.link, () => attempt !== this.#attempt),
      makeAttachKey(),
    ])
    if (attempt !== this.#attempt) return
    if (!target) {
      this.#over({ reason: 'closed', message: 'Not connected.' })
      return
    }
    this.#state.value = 'connecting'
    this.#ports.change((tab) => ({
      ...tab,
      session: { sessionId, epoch: hello.epoch, ...(key && { attachKey: key.privateKey }) },
    }))
    this.#route(view, sessionId)
    const { cols, rows } = this.#size
    const { term } = this.#ports.tab.peek()
    this.#window = this.#pace.window
    try {
      await view.link.ask('ssh-connect', {
        sessionId,
        ...destination(target),
        ...(target.command !== undefined && { command: target.command }),
        ...(term !== undefined && { term }),
        cols,
        rows,
        env: TERMINAL_ENV,
        interactive: true,
        binary: true,
        window: this.#window,
        typist: this.#typist,
        ...(key && { resume: key.publicKey }),
      })
      if (attempt === this.#attempt) this.#opened()
    } catch (error) {
      // The relay may have had the request: the attach on the next socket finds out.
      if (attempt !== this.#attempt || (error instanceof Failed && error.failure.code === 'relay-lost')) return
      prompts.drop(sessionId)
      throw error
    }
  }

  /** The target with a user name, for which the person is asked where there is none; undefined where they cancel. */
  async #named(view: EndpointView, sessionId: string): Promise<Target | undefined> {
    const { target } = this
    if (target.username !== undefined) return target
    this.#state.value = 'prompting'
    const asker = { sessionId, tabId: this.id, relay: view, builtInHost: undefined }
    const username = await this.#ports.prompts.askUsername(asker, target.host, target.port ?? 22)
    if (username === undefined) return undefined
    const named = { ...target, username }
    this.#ports.change((tab) => ({ ...tab, target: named }))
    return named
  }

  async #attach(hello: Hello): Promise<void> {
    const { session } = this.#ports.tab.peek()
    const view = this.#ports.endpoint.peek()
    if (!session?.attachKey || !view) return
    const attempt = ++this.#attempt
    this.#route(view, session.sessionId)
    let taken: ServerMessage<'ssh-attached'>
    try {
      taken = await claimSession(view.link, hello, session, this.#feed.rendered, this.#typist)
    } catch (error) {
      if (attempt !== this.#attempt) return
      if (!(error instanceof Failed)) throw error
      if (error.failure.code === 'relay-lost') return
      const { code, ended } = error.failure
      if (ended && this.#state.peek() === 'detached') this.#over(explainEnd(ended, ended.failure, 'away'))
      else if (code === 'no-session') this.#missing('The session has ended while the relay was out of reach.')
      else if (error.failure.code === 'attach-refused') this.#gone('This browser may not take up the session.')
      else if (error.failure.retry) this.#failure.value = error.failure
      else throw error
      return
    }
    if (attempt !== this.#attempt) return
    this.#window = 0
    this.#resumeInput(taken)
    if (taken.state === 'open') this.#opened()
    else this.#state.value = taken.state
  }

  /** What the relay does not have is sent, or asked about where it is old or somebody else has typed since. */
  #resumeInput({ inputOffset, ownInput = 0 }: ServerMessage<'ssh-attached'>): void {
    const input = this.#input
    input.resume(inputOffset, ownInput)
    const { oldest } = input
    const now = thisMoment()
    const waited = oldest && Math.min(ageOf(oldest, now), this.#awaySince ? ageOf(this.#awaySince, now) : STALE + 1)
    this.#awaySince = undefined
    const other = ownInput > 0 && ownInput < inputOffset
    if (other || (waited !== undefined && waited > STALE)) this.#held.hold(input.withdraw())
    this.#pendingInput.value = input.characters
  }

  /** The relay has no such session: it never had the connect, which is made again, or the session has ended since. */
  #missing(message: string): void {
    const state = this.#state.peek()
    if (this.#asking) this.#ports.prompts.drop(this.#asking)
    if (state === 'connecting' || state === 'prompting') void this.#connect().catch((error) => this.#failed(error))
    else this.#gone(message)
  }

  #route(view: EndpointView, sessionId: string): void {
    this.#unroute()
    const { prompts, report } = this.#ports
    const asker = askerFor(view, sessionId, this.id)
    this.#unroute = view.link.route(sessionId, {
      'ssh-connected': () => this.#opened(),
      // Not when the request is answered: output may have come in the same packet.
      'ssh-attached': ({ offset, answeredTo, screen }) => {
        this.#skip(offset, screen)
        this.#feed.mute(answeredTo)
      },
      'ssh-data': ({ data, offset }) => this.#output(data, offset),
      'ssh-ack': ({ offset }) => {
        this.#input.acknowledged(offset)
        this.#sendInput()
      },
      'ssh-error': (failure) => {
        const state = this.#state.peek()
        if (state === 'connecting' || state === 'prompting') this.#failed(new Failed(failure))
        else this.#failure.value = failure
      },
      'ssh-locked': () => report(new Failed('attach-locked')),
      'ssh-disconnected': (message) => this.#over(explainEnd(message, this.#failure.peek())),
      'ssh-detached': () => {
        this.#takenElsewhere.value = true
        this.#awaySince = thisMoment()
        prompts.drop(sessionId)
        this.#step('lost')
      },
      'ssh-banner': ({ text }) => {
        this.#banner.value = plainText((this.#banner.peek() ?? '') + text, 65_536)
      },
      'ssh-prompt': (message) => {
        this.#step('asked')
        prompts.ask(asker, message).catch((error: unknown) => {
          // An answer that did not arrive is asked for again after the attach.
          if (!(error instanceof Failed)) report(error)
        })
      },
    })
  }

  #output(data: string | Uint8Array, offset: number | undefined): void {
    if (offset === undefined) return
    this.#skip(offset)
    this.#feed.receive(typeof data === 'string' ? new TextEncoder().encode(data) : data, offset)
  }

  /**
   * Output before `offset` will not come any more: if some is missing, that is said.
   * @param left what the missing output has left on the screen
   */
  #skip(offset: number, left?: ServerMessage<'ssh-attached'>['screen']): void {
    const missing = offset - this.#feed.received
    if (missing <= 0) return
    this.#feed.skipTo(offset)
    this.#gap.value = (this.#gap.peek() ?? 0) + missing
    const note = `${missing.toLocaleString('en')} bytes of output were not kept`
    const screen = this.#screen.peek()
    if (left) screen?.redraw(left.data, left, note)
    else screen?.note(note)
  }

  #opened(): void {
    const state = this.#state.peek()
    if (state === 'closed' || this.#takenElsewhere.peek()) return
    this.#state.value = 'open'
    const { sessionId } = this
    if (sessionId && state !== 'detached') this.#ports.prompts.connected(sessionId).catch(this.#ports.report)
    this.#tellSize()
    this.#sendInput()
    if (this.#feed.rendered > 0) this.#sendAck()
  }

  #tellSize(): void {
    const { sessionId } = this
    if (sessionId) this.link?.send('ssh-resize', { sessionId, ...this.#size })
  }

  #sendInput(): void {
    const { sessionId, link } = this
    while (sessionId && link && this.#state.peek() === 'open') {
      const piece = this.#input.take()
      if (!piece) break
      if (link.send('ssh-data', { ...piece, sessionId, data: shortText(piece.data) })) continue
      this.#input.untake(piece.offset)
      break
    }
    this.#pendingInput.value = this.#input.characters
  }

  #rendered(bytes: number): void {
    this.#pace.rendered(bytes, this.#feed.busy, this.link?.roundTrip.peek())
    if (this.#feed.rendered - this.#acked >= ack.bytes) this.#sendAck()
    else this.#ackTimer ??= setTimeout(() => this.#sendAck(), ack.ms)
    this.#keeper.changed()
  }

  #sendAck(): void {
    clearTimeout(this.#ackTimer)
    this.#ackTimer = undefined
    const { sessionId } = this
    if (!sessionId || this.#state.peek() !== 'open') return
    const offset = this.#feed.rendered
    const { window } = this.#pace
    const told = this.link?.send('ssh-ack', { sessionId, offset, ...(window !== this.#window && { window }) })
    if (!told) return
    this.#acked = offset
    this.#window = window
  }

  #step(step: SessionStep): void {
    const state = next(this.#state.peek(), step)
    if (state) this.#state.value = state
  }

  #gone(message: string): void {
    const unsent = this.#input.unsentCharacters + (this.#held.shown.peek()?.characters ?? 0)
    const note =
      unsent === 1 ? ' One character was not sent.' : ` ${unsent.toLocaleString('en')} characters were not sent.`
    this.#over({ reason: 'lost', message: unsent ? message + note : message })
  }

  #failed(error: unknown): void {
    if (this.#state.peek() === 'closed') return
    if (!(error instanceof Failed)) this.#ports.report(error)
    const failure = failureOf(error)
    this.#failure.value = failure
    this.#over({ reason: 'failure', message: failure.message })
  }

  #over(ended: Ended): void {
    if (this.#state.peek() === 'closed') return
    const { sessionId } = this
    this.#attempt++
    this.#unroute()
    this.#state.value = 'closed'
    this.#ended.value = ended
    this.#takenElsewhere.value = false
    this.#input.reset()
    this.#held.take()
    this.#pendingInput.value = 0
    if (this.#asking) this.#ports.prompts.drop(this.#asking)
    this.#ports.change(({ session, ...tab }) =>
      session && session.sessionId !== sessionId ? { ...tab, session } : tab,
    )
    this.keepScreen().catch(this.#ports.report)
  }
}
