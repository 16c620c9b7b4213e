import { batch, computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { FileInfo } from '../../../shared/fileInfo.ts'
import type { Destination, Transfer } from '../../store/schema.ts'
import { Failed, failureOf } from '../failure.ts'
import type { DownloadGoal } from '../out/goal.ts'
import type { TabView } from '../tabs.ts'
import { Conflicts } from './conflicts.ts'
import { destinationKey, destinationOf } from './destination.ts'
import { isExpired } from './expired.ts'
import { newTransfer } from './newTransfer.ts'
import type { Own } from './own.ts'
import { OwnSet } from './ownSet.ts'
import { OwnTransfer } from './ownTransfer.ts'
import { Runs } from './runs.ts'
import { Slots } from './slots.ts'
import { titleOf } from './title.ts'
import type { TransfersPorts } from './transfersPorts.ts'
import type { Conflict, TransferView } from './transferView.ts'
import { type Turn, turnsOf } from './turns.ts'
import type { UploadSource } from './uploadSource.ts'
import { type Going, viewsOf } from './views.ts'
import { endsOf, openWays, type Way, waysOf } from './ways.ts'

/** Places for files on their way to one host. */
const PLACES = 32
/** Transfers that are kept. */
const MOST = 200
/** Milliseconds between two looks of the interface at how it goes. */
const SHOWN = 100

/** What a person wants of a transfer. */
export type Wish = 'pause' | 'resume' | 'cancel' | 'retry' | 'remove'

/** Which transfers this window has, and when each is run; loaded when there is one. What it does is said at `Transfers`. */
export class Queue {
  readonly items: ReadonlySignal<readonly TransferView[]>
  readonly bound: ReadonlySignal<boolean>
  readonly #ports: TransfersPorts
  readonly #own: OwnSet
  readonly #conflicts = new Conflicts()
  readonly #runs: Runs
  readonly #slots = new Map<string, Slots>()
  /** Tabs by which a person has begun a transfer here. */
  readonly #asked = new Set<string>()
  readonly #waiting = new Set<string>()
  readonly #tried = new Set<string>()
  /** Counts up when what is shown has changed, and when there may be something to be begun. */
  readonly #shown = signal(0)
  readonly #wake = signal(0)
  readonly #channel = new BroadcastChannel('fairlead-transfers')
  readonly #stop: () => void
  #showing: ReturnType<typeof setTimeout> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(ports: TransfersPorts) {
    this.#ports = ports
    const { store, settings, report } = ports
    this.#runs = new Runs({
      report,
      look: () => this.#look(),
      reach: (end) => this.#ways().find(({ key }) => key === destinationKey(end))?.tab.sftp,
    })
    const around = {
      store,
      conflicts: this.#conflicts,
      verify: () => settings.value.peek().verifyTransfers,
      report,
      changed: () => this.#show(),
    }
    this.#own = new OwnSet({
      store,
      locks: ports.locks,
      window: ports.window.id,
      report,
      make: (record, list, goal) => new OwnTransfer(around, record, list, goal),
      stop: (own) => this.#runs.stop(own),
      look: () => this.#look(),
    })
    this.items = computed(() => {
      this.#shown.value
      const own = this.#own.all.value
      return viewsOf(store.transfers.items.value, (id) => {
        const mine = own.get(id)
        if (!mine) return undefined
        const { transfer, state, failure } = mine
        return { transfer, going: this.#conflicts.asks(id) ? 'asking' : state, failure }
      })
    })
    this.bound = computed(() => {
      this.#shown.value
      return [...this.#own.all.value.values()].some(
        ({ transfer }) => /^(queued|paused)$/.test(transfer.record.state) && transfer.bound,
      )
    })
    this.#channel.onmessage = ({ data }: MessageEvent<{ id: string; wish: Wish }>) => {
      if (!this.#own.all.peek().has(data.id)) return
      this.#own.with(data.id, (own) => this.#grant(own, data.wish)).catch(report)
    }
    this.#stop = effect(() => {
      this.#wake.value
      this.#own.all.value
      store.transfers.items.value
      const ways = openWays(ports, this.#asked)
      untracked(() => this.#arrange(ways))
    })
    this.#forgetOld()
  }

  get conflict(): ReadonlySignal<Conflict | undefined> {
    return this.#conflicts.conflict
  }

  async upload(
    tab: TabView,
    directory: string,
    sources: AsyncIterable<UploadSource> | readonly UploadSource[],
  ): Promise<string> {
    const to = this.#destination(tab)
    return this.#begin({ kind: 'upload', title: 'Upload', directory, to }, tab, ({ transfer }) =>
      transfer.take(sources),
    )
  }

  async download(tab: TabView, files: readonly FileInfo[], goal: DownloadGoal): Promise<string> {
    const { kind, handle } = goal
    const from = this.#destination(tab)
    const title = titleOf(files.map(({ name }) => name))
    const what = { kind: 'download', title, from, goal: { kind, ...(handle && { handle }) } } as const
    return this.#begin(what, tab, ({ transfer }) => transfer.choose(files), goal)
  }

  async copy(
    from: TabView,
    files: readonly FileInfo[],
    to: TabView,
    directory: string,
    how: 'copy' | 'move',
  ): Promise<string> {
    const ends = { from: this.#destination(from), to: this.#destination(to) }
    this.#asked.add(to.id)
    const what = { kind: 'copy', title: titleOf(files.map(({ name }) => name)), directory, how, ...ends } as const
    return this.#begin(what, from, ({ transfer }) => transfer.choose(files))
  }

  /** Does what a person wants, here or in the window that has it. */
  async wish(id: string, wish: Wish): Promise<void> {
    const mine = await this.#own.with(id, (own) => this.#grant(own, wish))
    if (!mine) this.#channel.postMessage({ id, wish })
  }

  async needsFile(id: string, sources: AsyncIterable<UploadSource> | readonly UploadSource[]): Promise<void> {
    await this.#own.with(id, async ({ transfer }) => {
      if (!(await transfer.again(sources))) throw new Failed('source-changed')
      await transfer.set({ state: 'queued', source: undefined, failure: undefined })
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stop()
    clearTimeout(this.#timer)
    clearTimeout(this.#showing)
    this.#channel.close()
    await this.#own.close()
  }

  #records(): readonly Transfer[] {
    return this.#ports.store.transfers.items.peek()
  }

  #destination(tab: TabView): Destination {
    return untracked(() => destinationOf(tab, this.#ports.hosts))
  }

  /** Keeps a new transfer, which this window has; `fill` says what it is made of. */
  async #begin(
    what: Pick<Transfer, 'kind' | 'title'> & Partial<Transfer>,
    tab: TabView,
    fill: (own: Own) => Promise<void>,
    goal?: DownloadGoal,
  ): Promise<string> {
    await this.#makeRoom()
    const record = newTransfer(this.#ports.window.id, what)
    const { id } = record
    this.#asked.add(tab.id)
    // Not to be taken for one that nobody has.
    this.#waiting.add(id)
    this.#tried.add(id)
    try {
      await this.#own.begin(record, goal, (own) => {
        if (goal) this.#runs.watch(own, goal)
        fill(own).catch((error: unknown) => this.#runs.fail(own, failureOf(error)).catch(this.#ports.report))
      })
    } finally {
      this.#waiting.delete(id)
    }
    return id
  }

  async #makeRoom(): Promise<void> {
    const all = this.#records().toSorted((a, b) => a.createdAt - b.createdAt)
    if (all.length < MOST) return
    const over = all.find(({ state }) => state === 'done' || state === 'cancelled' || state === 'failed')
    if (!over) throw new Failed('too-many-transfers')
    await this.wish(over.id, 'remove')
  }

  #forgetOld(): void {
    const now = Date.now()
    for (const record of this.#records())
      if (isExpired(record, now)) this.wish(record.id, 'remove').catch(this.#ports.report)
  }

  async #grant(own: Own, wish: Wish): Promise<void> {
    const { transfer } = own
    const { state } = transfer.record
    switch (wish) {
      case 'pause':
        if (state !== 'queued') break
        await transfer.set({ state: 'paused' })
        this.#runs.stop(own)
        break
      case 'resume':
        if (state === 'needs-file') await this.#runs.askForHandles(own)
        else if (state === 'paused') await transfer.set({ state: 'queued' })
        break
      case 'retry':
        if (state !== 'failed') break
        transfer.reset()
        await transfer.set({ state: 'queued' })
        break
      case 'cancel':
        await this.#runs.cancel(own)
        break
      case 'remove':
        if (state !== 'done' && state !== 'failed' && state !== 'cancelled') break
        await this.#runs.forget(own)
        this.#own.drop(own)
        break
    }
    own.tries = 0
    own.notBefore = 0
    own.failure = undefined
    for (const { id, record } of this.#ports.tabs.tabs.peek()) {
      const { from, to } = transfer.record
      const { host, port = 22 } = record.peek().target
      if ([from, to].some((end) => end?.host === host && end.port === port)) this.#asked.add(id)
    }
  }

  #ways(): Way[] {
    return untracked(() => openWays(this.#ports, this.#asked))
  }

  /** Begins what can be begun, takes what nobody has, lets go of what others can do better. */
  #arrange(ways: readonly Way[]): void {
    if (this.#closed) return
    const own = this.#own.all.peek()
    for (const record of this.#records()) {
      const wants = record.state === 'queued' || (record.state === 'cancelled' && record.leftovers?.length)
      if (!wants || own.has(record.id)) continue
      if (endsOf(record, ways)) void this.#claim(record.id)
      else if (record.state === 'queued' && !this.#tried.has(record.id)) void this.#try(record.id)
    }
    const now = performance.now()
    const { turns, next } = turnsOf(own.values(), ways, now)
    for (const turn of turns) this.#turn(turn)
    clearTimeout(this.#timer)
    if (next < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#look(), next - now + 1)
  }

  #turn(turn: Turn): void {
    const { own } = turn
    const { report } = this.#ports
    switch (turn.to) {
      case 'leave':
        this.#own.leave(own).catch(report)
        break
      case 'tidy':
        this.#runs.tidy(own).catch(report)
        break
      case 'wait':
        this.#state(own, 'waiting')
        break
      case 'queue':
        this.#state(own, 'queued')
        break
      case 'start':
        this.#state(own, 'running')
        this.#runs.start(own, waysOf(turn.ends, this.#slotsOf(turn.host)))
        break
    }
  }

  #slotsOf(host: string): Slots {
    const slots = this.#slots.get(host) ?? new Slots(PLACES)
    this.#slots.set(host, slots)
    return slots
  }

  async #claim(id: string): Promise<void> {
    if (this.#waiting.has(id)) return
    this.#waiting.add(id)
    try {
      if (!(await this.#own.take(id))) await this.#own.wait(id)
    } catch (error) {
      this.#ports.report(error)
    } finally {
      this.#waiting.delete(id)
    }
    if (this.#ports.locks) this.#look()
  }

  /** After a reload, and when the window that had it is gone, it is said at once what is missing, whether or not the host is there. */
  async #try(id: string): Promise<void> {
    this.#tried.add(id)
    try {
      const own = await this.#own.take(id)
      if (!own) return await this.#tryLater(id)
      if (own.run || own.transfer.record.state !== 'queued') return
      const { kind, goal } = own.transfer.record
      if (kind === 'download' && !goal?.handle) await this.#runs.fail(own, failureOf(new Failed('download-lost')))
      else await this.#runs.ready(own)
      if (!own.run && !own.transfer.bound) await this.#own.leave(own)
    } catch (error) {
      this.#ports.report(error)
    }
  }

  async #tryLater(id: string): Promise<void> {
    if (!this.#ports.locks) return
    await this.#own.wait(id)
    this.#tried.delete(id)
    this.#look()
  }

  #state(own: Own, state: Going): void {
    if (own.state === state) return
    own.state = state
    this.#show()
  }

  #look(): void {
    if (!this.#closed) this.#wake.value++
  }

  /** Lets the interface see how it goes, ten times a second at most. */
  #show(): void {
    this.#showing ??= setTimeout(() => {
      this.#showing = undefined
      for (const { transfer, state } of this.#own.all.peek().values())
        if (transfer.record.state === 'queued') transfer.tell(this.#conflicts.asks(transfer.id) ? 'asking' : state)
      batch(() => this.#shown.value++)
    }, SHOWN)
  }
}
