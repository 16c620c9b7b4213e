import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals'
import { type Target, targetText } from '../../shared/target.ts'
import type { Store } from '../store/db.ts'
import type { Ending, Tab } from '../store/schema.ts'
import type { Endings } from './endings.ts'
import type { Endpoints } from './endpoints.ts'
import { Failed } from './failure.ts'
import type { Hosts } from './hosts.ts'
import { newId } from './id.ts'
import type { Identities } from './identities.ts'
import type { KeptInput } from './keptInput.ts'
import type { KeptScreens } from './keptScreens.ts'
import type { Prompts } from './prompts.ts'
import { Session } from './session.ts'
import { Sftp } from './sftp.ts'
import { tabTitle } from './tabTitle.ts'

/** A tab as the interface shows it. */
export interface TabView {
  id: string
  record: ReadonlySignal<Tab>
  session: Session
  sftp: Sftp
  /** The name that the person gave it, or host and what the program calls its window, or the directory. */
  title: ReadonlySignal<string>
}

/** What a tab may be opened with. */
export interface OpenOptions {
  endpointId?: string
  hostId?: string
  label?: string
  /** TERM of its sessions, other than the app's own. */
  term?: string
  /** What the address that led here calls the target. */
  header?: string
}

interface Held {
  view: TabView
  record: Signal<Tab>
  /** Whether the store has it: one that was there and is gone was closed by another window. */
  stored: boolean
  /** The writes of this tab, one after the other. */
  writes: Promise<void>
}

/** What the tabs need of the app. */
export interface TabsPorts {
  store: Store
  endpoints: Endpoints
  hosts: Hosts
  identities: Identities
  prompts: Prompts
  endings: Endings
  screens: KeptScreens
  inputs: KeptInput
  /** This window, and whether it was the only one when it opened. */
  window: { id: string; alone: boolean }
  report(error: unknown): void
}

/** The open tabs, the same in all windows and after a reload; which one is active is each window's own affair. */
export class Tabs {
  readonly #ports: TabsPorts
  readonly #held = new Map<string, Held>()
  readonly #tabs = signal<readonly TabView[]>([])
  readonly #active = signal<string | undefined>(undefined)
  readonly #stop: () => void

  constructor(ports: TabsPorts) {
    this.#ports = ports
    this.#stop = effect(() => {
      const stored = ports.store.tabs.items.value
      untracked(() => this.#follow(stored))
    })
    const { window } = ports
    const all = [...this.#held.values()].sort((a, b) => b.record.peek().usedAt - a.record.peek().usedAt)
    // Another window keeps what it shows until a person takes it.
    const last = all.find(({ record }) => record.peek().window === window.id) ?? (window.alone ? all[0] : undefined)
    if (last) this.activate(last.view.id)
  }

  /** In their order. */
  get tabs(): ReadonlySignal<readonly TabView[]> {
    return this.#tabs
  }

  /** The id of the tab that is shown; undefined for the home tab. */
  get active(): ReadonlySignal<string | undefined> {
    return this.#active
  }

  get(id: string | undefined): TabView | undefined {
    return this.#tabs.value.find((view) => view.id === id)
  }

  activate(id: string | undefined): void {
    if (id !== undefined && !this.#held.has(id)) return
    this.#active.value = id
    if (id === undefined) return
    const elsewhere = this.#held.get(id)?.view.session.takenElsewhere.peek()
    const window = elsewhere ? {} : { window: this.#ports.window.id }
    this.#change(id, (tab) => ({ ...tab, usedAt: Date.now(), ...window }))
  }

  /** Opens a tab to a target and connects. Throws `Failed('no-endpoint')` where no relay is known. */
  open(target: Target, options: OpenOptions = {}): TabView {
    const { endpoints, hosts, report } = this.#ports
    const endpointId = options.endpointId ?? endpoints.preferred.peek()?.id
    if (endpointId === undefined) throw new Failed('no-endpoint')
    const host = hosts.get(options.hostId) ?? hosts.find(target, endpointId)
    const { term, header } = options
    const filesOnly = target.scheme === 'sftp'
    const tab: Tab = {
      id: newId(),
      order: this.#last(),
      label: options.label ?? host?.label ?? targetText(target),
      target,
      endpointId,
      usedAt: Date.now(),
      window: this.#ports.window.id,
      view: {
        terminal: !filesOnly,
        files: filesOnly || (host?.filesOpen ?? false),
        filesPath: target.path,
        width: host?.filesWidth,
        sort: host?.sort,
        columns: host?.columns,
        filesBy: host?.filesBy,
      },
      ...(host && { hostId: host.id }),
      ...(term !== undefined && { term }),
      ...(header !== undefined && { header }),
    }
    const view = this.#add(tab)
    if (!filesOnly) view.session.reconnect()
    if (!this.#isBuiltIn(target, endpointId)) void this.#remember(tab).catch(report)
    return view
  }

  /** Opens a tab on a session that the relay holds and that this browser may attach to. */
  putBack(tab: Omit<Tab, 'order' | 'usedAt' | 'window'>): TabView {
    return this.#add({ ...tab, order: this.#last(), usedAt: Date.now(), window: this.#ports.window.id })
  }

  /** Closes a tab and leaves its session and its kept screen as they are. Resolves once it is stored. */
  async putAway(id: string): Promise<void> {
    const held = this.#take(id)
    if (!held) return
    const { sftp, session } = held.view
    session.dispose()
    await sftp.close().catch(this.#ports.report)
    sftp.dispose()
    await held.writes.then(() => this.#ports.store.tabs.remove(id))
  }

  /** Closes a tab and ends its session. */
  async close(id: string): Promise<void> {
    const held = this.#take(id)
    if (!held) return
    const { sftp, session } = held.view
    await Promise.all([sftp.close(), session.close()]).catch(this.#ports.report)
    sftp.dispose()
    session.dispose()
    const { store, screens, report } = this.#ports
    await held.writes.then(() => Promise.all([store.tabs.remove(id), screens.remove(id)])).catch(report)
  }

  /** Names a tab; without a name it is called by host and directory again. */
  rename(id: string, title: string | undefined): void {
    const name = title?.trim()
    this.#change(id, ({ title: _, ...tab }) => ({ ...tab, ...(name && { title: name }) }))
  }

  /** Moves a tab to a place in the row, counted from 0. */
  move(id: string, to: number): void {
    const views = this.#tabs.peek().filter((view) => view.id !== id)
    const at = Math.max(0, Math.min(to, views.length))
    const order = (index: number) => views[index]?.record.peek().order
    const before = order(at - 1) ?? (order(at) ?? 0) - 2
    const after = order(at) ?? before + 2
    this.#change(id, (tab) => ({ ...tab, order: (before + after) / 2 }))
  }

  /** Changes what a tab shows. Files' openness, width, order, columns and how they are had are remembered for the host. */
  change(id: string, view: Partial<Tab['view']>): void {
    this.#change(id, (tab) => ({ ...tab, view: { ...tab.view, ...view } }))
    const { hostId, view: now } = this.#held.get(id)?.record.peek() ?? {}
    if (hostId === undefined || !now) return
    this.#ports.hosts
      .edit(hostId, (host) => ({
        ...host,
        filesOpen: now.files,
        filesWidth: now.width,
        sort: now.sort,
        columns: now.columns,
        filesBy: now.filesBy,
      }))
      .catch(this.#ports.report)
  }

  /** Keeps all screens now, and what was typed and has not arrived: before the page goes. */
  async keep(): Promise<void> {
    await Promise.all([...this.#held.values()].map((held) => held.view.session.keep())).catch(this.#ports.report)
  }

  /** Whether something that was typed has not reached its session, and would be lost with the page or asked about in the next. */
  get inputWaits(): boolean {
    return this.#tabs.peek().some(({ session }) => session.inputWaits)
  }

  /** Lets go of everything without ending a session; resolves once everything is written. */
  async dispose(): Promise<void> {
    this.#stop()
    const all = [...this.#held.values()]
    for (const { view } of all) {
      view.session.dispose()
      view.sftp.dispose()
    }
    await Promise.allSettled(all.map((held) => held.writes))
  }

  /** The order of a tab that comes after all others. */
  #last(): number {
    return Math.max(0, ...this.#tabs.peek().map((view) => view.record.peek().order)) + 1
  }

  #add(tab: Tab): TabView {
    const { store, report } = this.#ports
    const held = this.#hold(tab)
    held.writes = store.tabs.put(tab).then(() => {
      held.stored = true
    })
    held.writes.catch(report)
    this.#arrange()
    this.#active.value = tab.id
    return held.view
  }

  /** Takes a tab out of the row; the neighbour is shown. */
  #take(id: string): Held | undefined {
    const held = this.#held.get(id)
    if (!held) return undefined
    const at = this.#tabs.peek().findIndex((view) => view.id === id)
    this.#held.delete(id)
    this.#arrange()
    if (this.#active.peek() === id) {
      const left = this.#tabs.peek()
      this.#active.value = (left[at] ?? left[at - 1])?.id
    }
    return held
  }

  #hold(tab: Tab): Held {
    const { endings, endpoints, hosts, identities, inputs, prompts, report, screens } = this.#ports
    const record = signal(tab)
    const ports = {
      tab: record,
      endpoint: computed(() => endpoints.list.value.find((view) => view.id === record.value.endpointId)),
      host: () => hosts.get(record.peek().hostId),
      identities,
      prompts,
      screens,
      inputs,
      beside: (target: Target) => this.#beside(record.peek(), target),
      endLater: (ending: Omit<Ending, 'endedAt'>) => endings.add(ending),
      change: (change: (old: Tab) => Tab) => this.#change(tab.id, change),
      report,
    }
    const session = new Session(ports)
    const title = computed(
      () => record.value.title ?? tabTitle(record.value, session.title.value, session.directory.value),
    )
    const view: TabView = { id: tab.id, record, session, sftp: new Sftp(ports, session), title }
    const held: Held = { view, record, stored: false, writes: Promise.resolve() }
    this.#held.set(tab.id, held)
    return held
  }

  #beside({ id, endpointId }: Tab, target: Target): string | undefined {
    const place = wayText(target)
    const near = [...this.#held.values()].find(({ record, view: { session } }) => {
      const other = record.peek()
      if (other.id === id || other.endpointId !== endpointId) return false
      return session.state.peek() === 'open' && wayText(other.target) === place
    })
    return near?.view.session.sessionId
  }

  #change(id: string, change: (old: Tab) => Tab): void {
    const held = this.#held.get(id)
    if (!held) return
    held.record.value = change(held.record.peek())
    held.writes = held.writes.then(() => this.#ports.store.tabs.update(id, change)).catch(this.#ports.report)
    this.#arrange()
  }

  #follow(stored: readonly Tab[]): void {
    for (const tab of stored) {
      const held = this.#held.get(tab.id) ?? this.#hold(tab)
      held.stored = true
      const { writes } = held
      // A later write of this window's own is told of as well.
      void writes.then(() => held.writes === writes && this.#takeOver(held))
    }
    for (const [id, held] of this.#held) {
      if (!held.stored || stored.some((tab) => tab.id === id)) continue
      held.view.session.dispose()
      held.view.sftp.dispose()
      this.#held.delete(id)
      if (this.#active.peek() === id) this.#active.value = undefined
    }
    this.#arrange()
  }

  /** What the store has now, once this window's own writes are through. A session of this window stays its own. */
  #takeOver(held: Held): void {
    const tab = this.#ports.store.tabs.get(held.view.id)
    if (!tab || this.#held.get(tab.id) !== held) return
    const own = tab.window === this.#ports.window.id || held.view.session.screen.peek() !== undefined
    const session = own ? held.record.peek().session : tab.session
    const { session: _, ...rest } = tab
    held.record.value = { ...rest, ...(session && { session }) }
    if (!own) held.view.session.adopt()
    this.#arrange()
  }

  #arrange(): void {
    const views = [...this.#held.values()].map((held) => held.view)
    const sorted = views.sort((a, b) => a.record.peek().order - b.record.peek().order)
    const now = this.#tabs.peek()
    if (sorted.length !== now.length || sorted.some((view, at) => view !== now[at])) this.#tabs.value = sorted
  }

  async #remember(tab: Tab): Promise<void> {
    const host = await this.#ports.hosts.used(tab.target, tab.endpointId)
    if (tab.hostId === undefined) this.#change(tab.id, (old) => ({ ...old, hostId: host.id }))
  }

  #isBuiltIn(target: Target, endpointId: string): boolean {
    const text = targetText(target)
    return this.#ports.hosts.builtIn
      .peek()
      .some((host) => host.endpointId === endpointId && targetText(host.target) === text)
  }
}

/** A way without what is done at its end. */
function wayText({ host, port, username, jump }: Target): string {
  return JSON.stringify([{ host, port, username }, ...jump].map((hop) => [hop.host, hop.port ?? 22, hop.username]))
}
