import type { ReadonlySignal } from '@preact/signals'
import type { ClientPayload, ServerMessage } from '../../shared/protocol.ts'
import type { Target } from '../../shared/target.ts'
import type { Host, Tab } from '../store/schema.ts'
import { askerFor, askingForKnown, destination } from './asker.ts'
import { claimSession, makeAttachKey } from './attachKey.ts'
import { type Ended, explainEnd } from './ended.ts'
import type { EndpointView } from './endpoints.ts'
import { Failed, failureOf } from './failure.ts'
import { newId } from './id.ts'
import type { Identities } from './identities.ts'
import type { Hello } from './link.ts'
import { thisMoment } from './moment.ts'
import { forwardedTo, offersFor, passwordFor, withOffers } from './offers.ts'
import { onceOnline } from './onceOnline.ts'
import { plainText } from './plainText.ts'
import type { Prompts } from './prompts.ts'
import type { SessionInput } from './sessionInput.ts'
import type { SessionOutput } from './sessionOutput.ts'
import type { SessionStanding } from './sessionStanding.ts'

/** What the way to the relay needs of the tab and of the app. */
export interface RoutePorts {
  tab: ReadonlySignal<Tab>
  endpoint: ReadonlySignal<EndpointView | undefined>
  /** The host that the tab was opened for, as it is saved now. */
  host(): Host | undefined
  identities: Pick<Identities, 'offer' | 'get' | 'password'>
  prompts: Prompts
  change(change: (old: Tab) => Tab): void
  /** What the relay calls an open session of another tab of this window that goes there too: its connection may be shared. */
  beside(target: Target): string | undefined
  report(error: unknown): void
}

/** What it needs of its session. */
interface Routed {
  standing: SessionStanding
  input: SessionInput
  output: SessionOutput
  /** Ends the session. */
  over(ended: Ended): void
}

/** What a server should know of the terminal, if it accepts it: characters are UTF-8, whatever its own language is. */
const TERMINAL_ENV = { LC_CTYPE: 'C.UTF-8', COLORTERM: 'truecolor' }

/**
 * One session's way to its relay: the connect that opens it, the attach that takes it up again after a cut or a reload, and
 * what the relay says of it between.
 */
export class SessionRoute {
  readonly #ports: RoutePorts
  readonly #standing: SessionStanding
  readonly #input: SessionInput
  readonly #output: SessionOutput
  readonly #over: (ended: Ended) => void
  readonly #tabId: string
  /** The id that is being connected or connected, from the first question on. */
  #asking: string | undefined
  /** What was offered on the way when this page connected. */
  #offers: ReturnType<typeof offersFor> | undefined
  #unroute: () => void = () => undefined

  constructor(ports: RoutePorts, { standing, input, output, over }: Routed) {
    this.#ports = ports
    this.#standing = standing
    this.#input = input
    this.#output = output
    this.#over = over
    this.#tabId = ports.tab.peek().id
  }

  /** The way to the host, as the connect said it. */
  get way(): ReturnType<typeof destination> {
    const { target } = this.#standing
    const { host, identities } = this.#ports
    // As it was begun: another key may have been chosen for the host since, and the relay takes that for another way.
    const offers = this.#offers ?? offersFor(target, host(), identities)
    return withOffers(destination(target), offers)
  }

  /** Opens a shell. */
  open(): void {
    void this.#connect().catch((error) => this.#failed(error))
  }

  /** Takes the session up, if its relay is there. */
  takeUp(): void {
    const hello = this.#standing.link?.hello.peek()
    if (hello) this.online(hello)
  }

  /** The relay is there, with this hello: the session is taken up, if there is one and it is this window's. */
  online(hello: Hello): void {
    const { session } = this.#ports.tab.peek()
    const { state, takenElsewhere } = this.#standing
    if (state.peek() === 'closed' || takenElsewhere.peek() || !this.#output.placed) return
    if (!session) return
    if (session.epoch !== hello.epoch) this.#missing('The relay was restarted, so the session has ended.')
    else if (!session.attachKey)
      this.#gone('The relay was lost, and over plain http a session cannot be taken up again.')
    else void this.#attach(hello).catch((error) => this.#failed(error))
  }

  /** The relay is out of reach. */
  offline(): void {
    this.#unroute()
    const { state, link } = this.#standing
    if (state.peek() === 'open') this.#input.away(link?.lastHeard.peek())
    this.#standing.step('lost')
  }

  /** Listens no more to what the relay says of the session. */
  unroute(): void {
    this.#unroute()
  }

  /** Takes back what was asked of the person. */
  drop(): void {
    if (this.#asking) this.#ports.prompts.drop(this.#asking)
  }

  async #connect(): Promise<void> {
    const attempt = this.#standing.nextAttempt()
    const superseded = () => attempt !== this.#standing.attempt
    const { endpoint, prompts } = this.#ports
    const sessionId = newId()
    this.#asking = sessionId
    const view = endpoint.peek()
    if (!view) throw new Failed('relay-forgotten')
    const [target, hello, key] = await Promise.all([
      this.#named(view, sessionId),
      onceOnline(view.link, superseded),
      makeAttachKey(),
    ])
    if (superseded()) return
    if (!target) {
      this.#over({ reason: 'closed', message: 'Not connected.' })
      return
    }
    const { host, identities } = this.#ports
    const offers = offersFor(target, host(), identities)
    const way = await askingForKnown(withOffers(destination(target), offers), prompts, view.id)
    if (superseded()) return
    prompts.begin(sessionId, offers)
    this.#offers = offers
    this.#standing.state.value = 'connecting'
    this.#ports.change(({ ended: _, ...tab }) => ({
      ...tab,
      session: { sessionId, epoch: hello.epoch, ...(key && { attachKey: key.privateKey }) },
    }))
    this.#listen(view, sessionId)
    const shell = this.#shell(target)
    try {
      await view.link.ask('ssh-connect', { sessionId, ...way, ...shell, ...(key && { resume: key.publicKey }) })
      if (!superseded()) this.#opened()
    } catch (error) {
      // The relay may have had the request: the attach on the next socket finds out.
      if (superseded() || (error instanceof Failed && error.failure.code === 'relay-lost')) return
      prompts.drop(sessionId)
      throw error
    }
  }

  /** The target with a user name, for which the person is asked where there is none; undefined where they cancel. */
  async #named(view: EndpointView, sessionId: string): Promise<Target | undefined> {
    const { target } = this.#standing
    if (target.username !== undefined) return target
    this.#standing.state.value = 'prompting'
    const asker = { sessionId, tabId: this.#tabId, relay: view }
    const username = await this.#ports.prompts.askUsername(asker, target.host, target.port ?? 22)
    if (username === undefined) return undefined
    const named = { ...target, username }
    this.#ports.change((tab) => ({ ...tab, target: named }))
    return named
  }

  /** What is asked of the relay at the end of the way. */
  #shell(target: Target): Omit<ClientPayload<'ssh-connect'>, 'sessionId' | 'host' | 'username'> {
    const { beside, host, identities } = this.#ports
    const { cols, rows } = this.#output.size
    const { term } = this.#ports.tab.peek()
    const near = beside(target)
    return {
      ...(near !== undefined && { session: near }),
      ...(target.command !== undefined && { command: target.command }),
      ...(term !== undefined && { term }),
      ...(forwardedTo(target, host(), identities).length > 0 && { forwardAgent: true }),
      cols,
      rows,
      env: TERMINAL_ENV,
      interactive: true,
      binary: true,
      window: this.#output.firstWindow(),
      typist: this.#input.typist,
    }
  }

  async #attach(hello: Hello): Promise<void> {
    const { session } = this.#ports.tab.peek()
    const view = this.#ports.endpoint.peek()
    if (!session?.attachKey || !view) return
    const { state } = this.#standing
    const attempt = this.#standing.nextAttempt()
    this.#listen(view, session.sessionId)
    let taken: ServerMessage<'ssh-attached'>
    try {
      taken = await claimSession(view.link, hello, session, this.#output.offset, this.#input.typist)
    } catch (error) {
      if (attempt !== this.#standing.attempt) return
      if (!(error instanceof Failed)) throw error
      this.#notTaken(error)
      return
    }
    if (attempt !== this.#standing.attempt) return
    this.#output.resume()
    this.#input.resume(taken)
    if (taken.state === 'open') this.#opened()
    else state.value = taken.state
  }

  /** The attach was refused. Throws what is nothing of the session's own. */
  #notTaken(error: Failed): void {
    const { code, ended, retry } = error.failure
    if (code === 'relay-lost') return
    const { state, failure } = this.#standing
    if (ended && state.peek() === 'detached') this.#over(explainEnd(ended, ended.failure, 'away'))
    else if (code === 'no-session') this.#missing('The session has ended while the relay was out of reach.')
    else if (code === 'attach-refused') this.#gone('This browser may not take up the session.')
    else if (retry) failure.value = error.failure
    else throw error
  }

  /** The relay has no such session: it never had the connect, which is made again, or the session has ended since. */
  #missing(message: string): void {
    const { opening } = this.#standing
    this.drop()
    if (opening) this.open()
    else this.#gone(message)
  }

  #listen(view: EndpointView, sessionId: string): void {
    this.#unroute()
    const { host, identities, prompts, report } = this.#ports
    const standing = this.#standing
    const { target, banner, failure } = standing
    const asker = askerFor(view, sessionId, this.#tabId, target, {
      agentKeys: () => forwardedTo(standing.target, host(), identities),
      password: (at) => passwordFor(standing.target, host(), identities, at),
      fail: (error) => {
        if (standing.opening) this.#failed(error)
      },
    })
    this.#unroute = view.link.route(sessionId, {
      'ssh-connected': () => this.#opened(),
      // Not when the request is answered: output may have come in the same packet.
      'ssh-attached': (message) => this.#output.attached(message),
      'ssh-data': ({ data, offset }) => this.#output.receive(data, offset),
      'ssh-ack': ({ offset }) => this.#input.acknowledged(offset),
      'ssh-error': (said) => {
        if (standing.opening) this.#failed(new Failed(said))
        else failure.value = said
      },
      'ssh-locked': () => report(new Failed('attach-locked')),
      'ssh-disconnected': (message) => this.#over(explainEnd(message, failure.peek())),
      'ssh-detached': () => {
        standing.takenElsewhere.value = true
        this.#input.away(thisMoment())
        prompts.drop(sessionId)
        standing.step('lost')
      },
      'ssh-banner': ({ text }) => {
        banner.value = plainText((banner.peek() ?? '') + text, 65_536)
      },
      'ssh-host-keys': (message) => void prompts.announced(asker, message).catch(report),
      'ssh-prompt': (message) => {
        standing.step('asked')
        prompts.ask(asker, message).catch((error: unknown) => {
          // An answer that did not arrive is asked for again after the attach.
          if (!(error instanceof Failed)) report(error)
        })
      },
    })
  }

  #opened(): void {
    const { state, takenElsewhere } = this.#standing
    const before = state.peek()
    if (before === 'closed' || takenElsewhere.peek()) return
    state.value = 'open'
    const { sessionId } = this.#standing
    if (sessionId && before !== 'detached') this.#ports.prompts.connected(sessionId).catch(this.#ports.report)
    this.#output.tellSize()
    this.#input.send()
    this.#output.tellRendered()
  }

  #gone(message: string): void {
    const { unsent } = this.#input
    const note =
      unsent === 1 ? ' One character was not sent.' : ` ${unsent.toLocaleString('en')} characters were not sent.`
    this.#over({ reason: 'lost', message: unsent ? message + note : message })
  }

  #failed(error: unknown): void {
    if (this.#standing.state.peek() === 'closed') return
    if (!(error instanceof Failed)) this.#ports.report(error)
    const failure = failureOf(error)
    this.#standing.failure.value = failure
    this.#over({ reason: 'failure', message: failure.message })
  }
}
