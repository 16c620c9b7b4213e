import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { next, type SessionState, type SessionStep } from '../../shared/session.ts'
import type { Target } from '../../shared/target.ts'
import type { Tab } from '../store/schema.ts'
import type { Ended } from './ended.ts'
import type { EndpointView } from './endpoints.ts'
import type { AppFailure } from './failure.ts'
import type { Link } from './link.ts'

/** Where one session stands: its state, what a person is told of it, and where it is to be found. */
export class SessionStanding {
  readonly #tab: ReadonlySignal<Tab>
  readonly #endpoint: ReadonlySignal<EndpointView | undefined>
  #attempt = 0

  readonly state: Signal<SessionState>
  /** Why it could not be opened, or ended in the middle. */
  readonly failure = signal<AppFailure | undefined>(undefined)
  readonly ended = signal<Ended | undefined>(undefined)
  /** What the server said before the login. */
  readonly banner = signal<string | undefined>(undefined)
  /** Another window has it. */
  readonly takenElsewhere = signal(false)

  constructor(tab: ReadonlySignal<Tab>, endpoint: ReadonlySignal<EndpointView | undefined>) {
    this.#tab = tab
    this.#endpoint = endpoint
    const { session, view, ended } = tab.peek()
    this.state = signal(session ? 'detached' : 'closed')
    if (!session && view.terminal) {
      this.ended.value = { reason: 'lost', message: ended ?? 'The session has ended.' }
    }
  }

  get target(): Target {
    return this.#tab.value.target
  }

  get link(): Link | undefined {
    return this.#endpoint.value?.link
  }

  /** What the relay calls it; undefined while there is none. */
  get sessionId(): string | undefined {
    return this.#tab.value.session?.sessionId
  }

  /** The same where a page that comes back can take it up again. */
  get lasting(): string | undefined {
    const { session } = this.#tab.peek()
    return session?.attachKey && session.sessionId
  }

  /** True from the connect until the shell is open. */
  get opening(): boolean {
    const state = this.state.peek()
    return state === 'connecting' || state === 'prompting'
  }

  /** Counts what was begun: an answer to an earlier connect or attach is not listened to. */
  get attempt(): number {
    return this.#attempt
  }

  /** Begins a connect or an attach, or ends what was begun; returns which it is. */
  nextAttempt(): number {
    return ++this.#attempt
  }

  /** Takes a step where it is possible. */
  step(step: SessionStep): void {
    const state = next(this.state.peek(), step)
    if (state) this.state.value = state
  }
}
