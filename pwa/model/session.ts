import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { SessionState } from '../../shared/session.ts'
import { shortText } from '../../shared/shortText.ts'
import type { Target } from '../../shared/target.ts'
import type { Ending } from '../store/schema.ts'
import { type CommandResult, runBeside } from './besideCommand.ts'
import type { Ended } from './ended.ts'
import { type AppFailure, Failed } from './failure.ts'
import type { Sending } from './inputQueue.ts'
import type { KeptInput } from './keptInput.ts'
import type { KeptScreens } from './keptScreens.ts'
import type { Link } from './link.ts'
import type { ScreenPort } from './screenPort.ts'
import { SessionInput } from './sessionInput.ts'
import { SessionOutput } from './sessionOutput.ts'
import { type RoutePorts, SessionRoute } from './sessionRoute.ts'
import { SessionStanding } from './sessionStanding.ts'

/** What a session needs of its tab and of the app. */
export interface SessionPorts extends RoutePorts {
  screens: KeptScreens
  inputs: KeptInput
  /** Ends the session when its relay is back. */
  endLater(ending: Omit<Ending, 'endedAt'>): Promise<void>
}

/**
 * One shell, as a tab shows it. It outlives sockets, reloads and windows: output is placed by offset, input is sent
 * exactly once, and only a program that has ended, or a relay that has restarted, ends it.
 */
export class Session {
  readonly id: string
  readonly #ports: SessionPorts
  readonly #standing: SessionStanding
  readonly #input: SessionInput
  readonly #output: SessionOutput
  readonly #route: SessionRoute
  readonly #stop: () => void

  /** What the program calls its window; one line, cleaned. Written by the terminal. */
  readonly title = signal<string | undefined>(undefined)
  /** The directory that the shell says it is in, absolute. Written by the terminal. */
  readonly directory = signal<string | undefined>(undefined)
  /** Counts the bells. Written by the terminal. */
  readonly bell = signal(0)

  constructor(ports: SessionPorts) {
    this.#ports = ports
    this.id = ports.tab.peek().id
    const standing = new SessionStanding(ports.tab, ports.endpoint)
    this.#standing = standing
    this.#input = new SessionInput({
      send: (piece) => this.#sendInput(piece),
      sessionId: () => standing.lasting,
      kept: ports.inputs,
      report: ports.report,
    })
    this.#output = new SessionOutput({
      tab: ports.tab,
      standing,
      screens: ports.screens,
      restoreInput: (sessionId) => this.#input.restore(sessionId),
      placed: () => this.#route.takeUp(),
      report: ports.report,
    })
    this.#route = new SessionRoute(ports, {
      standing,
      input: this.#input,
      output: this.#output,
      over: (ended) => this.#over(ended),
    })
    this.#stop = effect(() => {
      const hello = ports.endpoint.value?.link.hello.value
      untracked(() => (hello ? this.#route.online(hello) : this.#route.offline()))
    })
  }

  get state(): ReadonlySignal<SessionState> {
    return this.#standing.state
  }

  /** Why it could not be opened, or ended in the middle. */
  get failure(): ReadonlySignal<AppFailure | undefined> {
    return this.#standing.failure
  }

  get ended(): ReadonlySignal<Ended | undefined> {
    return this.#standing.ended
  }

  /** What the server said before the login. */
  get banner(): ReadonlySignal<string | undefined> {
    return this.#standing.banner
  }

  /** Bytes of output that the relay could not keep while nobody was attached. */
  get gap(): ReadonlySignal<number | undefined> {
    return this.#output.gap
  }

  /** Characters typed that the relay is not known to have. */
  get pendingInput(): ReadonlySignal<number> {
    return this.#input.pending
  }

  /** Input that was typed too long ago to be sent unasked: `sendHeld` or `discardHeld` ends the question. */
  get heldInput(): SessionInput['held'] {
    return this.#input.held
  }

  /** Whether what was typed would be lost with the page, or asked about in the next. */
  get inputWaits(): boolean {
    const { pending, held } = this.#input
    return held.peek() !== undefined || (pending.peek() > 0 && this.state.peek() !== 'open')
  }

  /** Another window has it; `takeBack` brings it here. */
  get takenElsewhere(): ReadonlySignal<boolean> {
    return this.#standing.takenElsewhere
  }

  get screen(): ReadonlySignal<ScreenPort | undefined> {
    return this.#output.screen
  }

  get target(): Target {
    return this.#standing.target
  }

  get link(): Link | undefined {
    return this.#standing.link
  }

  /** What the relay calls it; undefined while there is none. */
  get sessionId(): string | undefined {
    return this.#standing.sessionId
  }

  /** Bytes of output that the screen has parsed. */
  get offset(): number {
    return this.#output.offset
  }

  /** Shows the session on this terminal; returns what takes it away. After a reload this is what takes the session up. */
  attachScreen(screen: ScreenPort): () => void {
    return this.#output.attachScreen(screen)
  }

  /** Its tab has a session that another window opened: a terminal that shows it here takes it up. */
  adopt(): void {
    const { state, ended, failure } = this.#standing
    if (state.peek() !== 'closed' || !this.#ports.tab.peek().session) return
    ended.value = undefined
    failure.value = undefined
    this.#output.unplace()
    state.value = 'detached'
  }

  /** Types. False where it could not be taken: the session is over or elsewhere, or too much waits. */
  input(data: string | Uint8Array): boolean {
    if (this.state.peek() === 'closed') {
      if (data === '\r' && this.ended.peek()) this.reconnect()
      return false
    }
    if (this.takenElsewhere.peek()) return false
    return this.#input.type(typeof data === 'string' ? new TextEncoder().encode(data) : data)
  }

  /** Sends the input that was asked about. */
  sendHeld(): void {
    this.#input.sendHeld()
  }

  /** Forgets the input that was asked about. */
  discardHeld(): void {
    this.#input.discardHeld()
  }

  /** Sends what the terminal answers to a query in the output, unless it was answered before. */
  reply(data: string): void {
    if (this.#output.replaying) return
    if (this.state.peek() === 'closed' || this.takenElsewhere.peek()) return
    this.#input.reply(data, this.#output.parsing)
  }

  resize(cols: number, rows: number): void {
    this.#output.resize(cols, rows)
  }

  /** Opens a shell: the first, or a new one after the former has ended. */
  reconnect(): void {
    const { state, failure, ended, banner, takenElsewhere } = this.#standing
    if (state.peek() !== 'closed') return
    const again = ended.peek() !== undefined && this.screen.peek() !== undefined
    failure.value = undefined
    ended.value = undefined
    banner.value = undefined
    this.title.value = undefined
    this.directory.value = undefined
    takenElsewhere.value = false
    state.value = 'connecting'
    this.#input.reset()
    this.#output.begin(again)
    this.#route.open()
  }

  /** Takes the session back from the window that has it. */
  takeBack(): void {
    const { takenElsewhere } = this.#standing
    if (!takenElsewhere.peek()) return
    takenElsewhere.value = false
    this.#route.takeUp()
  }

  /** Ends the session, wherever it is attached. A relay that cannot be reached is told when it is back. */
  async close(): Promise<void> {
    if (this.state.peek() === 'closed') return
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
    if (this.state.peek() === 'closed' || !sessionId || !link) throw new Failed('session-over')
    if (this.#input.pending.peek() > 0 || this.#input.held.peek()) throw new Failed('input-waits')
    await this.keep()
    if (this.state.peek() !== 'open' || this.takenElsewhere.peek()) return
    this.#route.unroute()
    await link.ask('ssh-detach', { sessionId }).catch((error: unknown) => {
      // A relay that was lost, or has another socket for it, has let go already.
      if (!(error instanceof Failed && ['no-session', 'relay-lost'].includes(error.failure.code))) throw error
    })
  }

  /** Runs a short command on the connection of this shell; see `runBeside`. Rejects with `Failed`. */
  async run(command: string): Promise<CommandResult> {
    const { sessionId, link } = this
    if (this.state.peek() !== 'open' || !sessionId || !link) throw new Failed('session-over')
    return runBeside(link, sessionId, this.#route.way, command)
  }

  /** Keeps the screen now, if it can be gone on from, and what was typed and has not arrived: before the page goes. */
  async keep(): Promise<void> {
    await Promise.all([this.#input.keep(), this.#output.keep()])
  }

  /** Lets go without ending the session: its tab was closed by another window, or the app ends. */
  dispose(): void {
    this.#standing.nextAttempt()
    this.#stop()
    this.#route.unroute()
    this.#route.drop()
    this.#output.stop()
    this.#input.stop()
  }

  #sendInput(piece: Sending): boolean {
    const { sessionId, link } = this
    if (!sessionId || !link || this.state.peek() !== 'open') return false
    return link.send('ssh-data', { ...piece, sessionId, data: shortText(piece.data) })
  }

  #over(ended: Ended): void {
    const standing = this.#standing
    if (standing.state.peek() === 'closed') return
    const { sessionId } = standing
    standing.nextAttempt()
    this.#route.unroute()
    standing.state.value = 'closed'
    standing.ended.value = ended
    standing.takenElsewhere.value = false
    this.#input.reset()
    this.#route.drop()
    this.#ports.change(({ session, ...tab }) =>
      session && session.sessionId !== sessionId ? { ...tab, session } : { ...tab, ended: ended.message },
    )
    this.keep().catch(this.#ports.report)
  }
}
