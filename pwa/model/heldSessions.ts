import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import * as v from 'valibot'
import type { ListedSession } from '../../shared/protocol.ts'
import { Target, targetText } from '../../shared/target.ts'
import type { Store } from '../store/db.ts'
import type { Held } from '../store/schema.ts'
import { claimSession } from './attachKey.ts'
import { explainEnd } from './ended.ts'
import type { Endpoints, EndpointView } from './endpoints.ts'
import { type AppFailure, Failed, failureOf } from './failure.ts'
import { acceptHandOff, type HandOff, offerHandOff } from './handOff.ts'
import { newId } from './id.ts'
import type { KeptScreens } from './keptScreens.ts'
import { plainLine } from './plainText.ts'
import type { Tabs, TabView } from './tabs.ts'

/** Milliseconds between two looks while somebody watches. */
const EVERY = 2_000
/** Sessions whose tabs were closed and whose keys are kept; the oldest makes room. */
const KEPT = 32

/** A session that a relay holds for this login. */
export interface HeldSession extends ListedSession {
  endpointId: string
  /** What a person calls it: the name of its tab where this browser has or had one. */
  label: string
  /** What it runs or where it goes, one line, cleaned. */
  detail: string
  /** The tab that shows it here. */
  tabId: string | undefined
  /** Whether this browser has its key, in a tab or kept from one. */
  keyed: boolean
}

/** A session that ended while its tab was put away. What it showed last can be read until it is dismissed. */
export interface EndedSession {
  sessionId: string
  /** What its tab was called, one line, cleaned. */
  label: string
  /** How it ended, a whole sentence. */
  message: string
  /** When its tab was put away, in milliseconds since 1970. */
  heldAt: number
}

/** What a relay said when it was asked for its sessions; `sessions` is undefined until it has. */
export interface HeldBy {
  endpoint: EndpointView
  sessions: readonly HeldSession[] | undefined
  /** What this browser had there, and has ended since; the last one first. */
  ended: readonly EndedSession[]
  failure: AppFailure | undefined
}

type Said = { sessions: readonly ListedSession[]; epoch: string } | { failure: AppFailure }

/** The sessions that the relays hold for this login, in whatever browser they were opened, and the keys of those whose tab is closed. */
export class HeldSessions {
  readonly #store: Store
  readonly #endpoints: Endpoints
  readonly #tabs: Tabs
  readonly #screens: KeptScreens
  readonly #report: (error: unknown) => void
  readonly #said = signal<ReadonlyMap<string, Said>>(new Map())
  readonly #asking = new Set<string>()
  readonly #stop: () => void
  /** Sessions of which this browser has put the tab away: how many go on, as far as is known, and how many have ended. */
  readonly away: ReadonlySignal<{ going: number; ended: number }>
  /** By relay, in the order of the relays. */
  readonly list: ReadonlySignal<readonly HeldBy[]>

  constructor(
    { store, endpoints, screens, tabs }: { store: Store; endpoints: Endpoints; screens: KeptScreens; tabs: Tabs },
    report: (error: unknown) => void,
  ) {
    this.#store = store
    this.#endpoints = endpoints
    this.#tabs = tabs
    this.#screens = screens
    this.#report = report
    this.away = computed(() => {
      const held = store.held.items.value
      const ended = held.filter((one) => one.ended !== undefined).length
      return { going: held.length - ended, ended }
    })
    this.list = computed(() => endpoints.list.value.map((endpoint) => this.#heldBy(endpoint)))
    // A relay that has restarted holds nothing of before; one that is not known any more is nobody's business.
    this.#stop = effect(() => {
      const epochs = new Map(endpoints.list.value.map(({ id, link }) => [id, link.hello.value?.epoch]))
      untracked(() => {
        const held = store.held.items.peek()
        this.#forget(held.filter(({ tab }) => !epochs.has(tab.endpointId)))
        for (const one of held) {
          const epoch = epochs.get(one.tab.endpointId)
          if (epoch === undefined || epoch === one.tab.session?.epoch || one.ended !== undefined) continue
          this.#over(one, 'The relay was restarted, so the session has ended.').catch(report)
        }
      })
    })
  }

  /** Asks all relays now and again and again; returns what ends it. */
  watch(): () => void {
    const ask = () => {
      for (const endpoint of this.#endpoints.list.peek()) void this.#ask(endpoint)
    }
    ask()
    const timer = setInterval(ask, EVERY)
    return () => clearInterval(timer)
  }

  /** Closes a tab and keeps what it takes to take its session up again. Rejects with `Failed` or `StoreFailure`. */
  async detach(tabId: string): Promise<void> {
    const view = this.#tabs.get(tabId)
    const endpoint = view && this.#endpoints.view(view.record.peek().endpointId)
    if (!endpoint) return
    demandSessions(endpoint)
    await view.session.detach()
    const tab = view.record.peek()
    if (!tab.session?.attachKey) throw new Failed('no-key')
    await this.#store.held.put({ id: tab.session.sessionId, tab, heldAt: Date.now() })
    await this.#tabs.putAway(tabId)
    const kept = this.#store.held.items.peek().toSorted((a, b) => b.heldAt - a.heldAt)
    this.#forget(kept.slice(KEPT))
  }

  /** Shows a session here, in its tab or a new one; of one that has ended, what it showed last. Throws `Failed('not-held')` where this browser has no key for it. */
  takeUp(sessionId: string): TabView {
    const open = this.#tabOf(sessionId)
    if (open) {
      open.session.takeBack()
      this.#tabs.activate(open.id)
      return open
    }
    const held = this.#store.held.get(sessionId)
    if (!held) throw new Failed('not-held')
    const { session, ...tab } = held.tab
    const { ended } = held
    const view = this.#tabs.putBack(ended === undefined ? held.tab : { ...tab, ended })
    this.#store.held.remove(sessionId).catch(this.#report)
    return view
  }

  /** Forgets a session that has ended, and what it showed last. */
  dismiss(sessionId: string): void {
    const held = this.#store.held.get(sessionId)
    if (held) this.#forget([held])
  }

  /** Ends a session, whoever has it. Rejects with `Failed`. */
  async end(endpointId: string, sessionId: string): Promise<void> {
    const endpoint = this.#endpoints.view(endpointId)
    if (!endpoint) throw new Failed('relay-forgotten')
    demandSessions(endpoint)
    try {
      await endpoint.link.ask('session-end', { sessionId })
    } catch (error) {
      if (!(error instanceof Failed && error.failure.code === 'no-session')) throw error
    }
    const held = this.#store.held.get(sessionId)
    if (held) this.#forget([held])
    await this.#ask(endpoint)
  }

  /** What a relay says of one session; undefined where it has none of that id. Rejects with `Failed`. */
  async find(endpoint: EndpointView, sessionId: string): Promise<ListedSession | undefined> {
    demandSessions(endpoint)
    const { sessions } = await endpoint.link.ask('session-list', {})
    return sessions.find((session) => session.sessionId === sessionId)
  }

  /** Makes a link by which another device takes up the session of a tab; see `offerHandOff`. Rejects with `Failed`. */
  async offer(tab: TabView): Promise<string> {
    const { endpointId, session } = tab.record.peek()
    const endpoint = this.#endpoints.view(endpointId)
    if (!endpoint) throw new Failed('relay-forgotten')
    if (!session) throw new Failed('session-over')
    demandSessions(endpoint)
    return offerHandOff(endpoint, session)
  }

  /** Takes up the session of a link that another device has made. Rejects with `Failed`. */
  async accept(endpoint: EndpointView, handOff: HandOff): Promise<TabView> {
    const { sessionId } = handOff
    if (this.#tabOf(sessionId) || this.#store.held.get(sessionId)) return this.takeUp(sessionId)
    const listed = await this.find(endpoint, sessionId)
    if (!listed) throw new Failed('session-over')
    const session = await acceptHandOff(endpoint, handOff)
    const target = targetOf(listed)
    return this.#tabs.putBack({
      id: newId(),
      label: targetText(target),
      target,
      endpointId: endpoint.id,
      view: { terminal: true, files: false },
      session,
    })
  }

  close(): void {
    this.#stop()
  }

  #tabOf(sessionId: string): TabView | undefined {
    return this.#tabs.tabs.value.find((tab) => tab.session.sessionId === sessionId)
  }

  #heldBy(endpoint: EndpointView): HeldBy {
    const said = this.#said.value.get(endpoint.id)
    const epoch = endpoint.link.hello.value?.epoch
    const ended = this.#endedOn(endpoint)
    // What a relay said before it was lost may be wrong by now.
    if (!said || epoch === undefined)
      return { endpoint, sessions: undefined, ended, failure: endpoint.link.failure.value }
    if ('failure' in said) return { endpoint, sessions: undefined, ended, failure: said.failure }
    const sessions = said.epoch === epoch ? said.sessions.map((listed) => this.#held(endpoint, listed)) : undefined
    return { endpoint, sessions, ended, failure: undefined }
  }

  #endedOn({ id }: EndpointView): EndedSession[] {
    const held = this.#store.held.items.value.filter(({ tab }) => tab.endpointId === id)
    return held
      .toSorted((a, b) => b.heldAt - a.heldAt)
      .flatMap(({ id: sessionId, tab, ended, heldAt }) =>
        ended === undefined
          ? []
          : [{ sessionId, label: plainLine(tab.title ?? tab.label, 200), message: ended, heldAt }],
      )
  }

  #held(endpoint: EndpointView, listed: ListedSession): HeldSession {
    const tab = this.#tabOf(listed.sessionId)
    const record = tab?.record.value ?? this.#heldRecords.get(listed.sessionId)?.tab
    const target = targetText(targetOf(listed))
    const label = tab?.title.value ?? record?.title ?? record?.label ?? target
    return {
      ...listed,
      endpointId: endpoint.id,
      label: plainLine(label, 200),
      detail: plainLine(listed.command ?? (label.includes(target) ? '' : target), 300),
      tabId: tab?.id,
      keyed: record?.session?.attachKey !== undefined,
    }
  }

  get #heldRecords(): ReadonlyMap<string, Held> {
    return new Map(this.#store.held.items.value.map((held) => [held.id, held]))
  }

  async #ask(endpoint: EndpointView): Promise<void> {
    const hello = endpoint.link.hello.peek()
    if (!hello || this.#asking.has(endpoint.id)) return
    this.#asking.add(endpoint.id)
    try {
      demandSessions(endpoint)
      const { sessions } = await endpoint.link.ask('session-list', {})
      this.#hear(endpoint.id, { sessions, epoch: hello.epoch })
      const here = this.#store.held.items.peek().filter(({ tab }) => tab.endpointId === endpoint.id)
      for (const held of here) {
        if (held.ended !== undefined || sessions.some(({ sessionId }) => sessionId === held.id)) continue
        await this.#learnEnd(endpoint, held)
      }
    } catch (error) {
      this.#hear(endpoint.id, { failure: failureOf(error) })
    } finally {
      this.#asking.delete(endpoint.id)
    }
  }

  #hear(endpointId: string, said: Said): void {
    this.#said.value = new Map(this.#said.peek()).set(endpointId, said)
  }

  /** A relay tells those who have the key how a session ended. */
  async #learnEnd(endpoint: EndpointView, held: Held): Promise<void> {
    const hello = endpoint.link.hello.peek()
    const { session } = held.tab
    if (!hello || !session || session.epoch !== hello.epoch) return
    try {
      await claimSession(endpoint.link, hello, session, 0, newId())
      // It is there after all, so it goes on without a socket.
      await endpoint.link.ask('ssh-detach', { sessionId: held.id })
    } catch (error) {
      if (!(error instanceof Failed) || error.failure.code !== 'no-session') throw error
      const { ended } = error.failure
      await this.#over(
        held,
        ended ? explainEnd(ended, ended.failure, 'away').message : 'The session has ended while you were away.',
      )
    }
  }

  #over({ id }: Held, message: string): Promise<void> {
    return this.#store.held.update(id, (held) => ({ ...held, ended: message }))
  }

  #forget(gone: readonly Held[]): void {
    for (const { id, tab } of gone)
      Promise.all([this.#store.held.remove(id), this.#screens.remove(tab.id)]).catch(this.#report)
  }
}

/** An older relay would never answer. Throws `Failed`. */
function demandSessions({ link }: EndpointView): void {
  const hello = link.hello.peek()
  if (!hello) throw new Failed('relay-lost')
  if (!hello.features.includes('sessions')) throw new Failed('other-protocol')
}

/** Where a listed session goes, as if it had been typed. A relay that lies gets a tab that cannot be connected again. */
function targetOf({ host, port, username, jump, command, commandCut }: ListedSession): Target {
  const place = (at: { host: string; port: number; username: string }) => ({
    host: at.host,
    username: at.username,
    ...(at.port !== 22 && { port: at.port }),
  })
  const target = {
    scheme: 'ssh',
    ...place({ host, port, username }),
    jump: jump.map(place),
    // Half a command may be another one.
    ...(command !== undefined && !commandCut && { command }),
  }
  const fits = v.safeParse(Target, target)
  return fits.success ? fits.output : { scheme: 'ssh', host: plainLine(host, 255) || 'unknown', jump: [] }
}
