import { type AppFailure, Failed, failureOf } from '../failure.ts'
import type { DownloadGoal } from '../out/goal.ts'
import type { Sftp } from '../sftp.ts'
import { backOff, isLost, passes } from './backOff.ts'
import { allow, areAllowed } from './handlePermission.ts'
import { keptFailure } from './keptFailure.ts'
import type { Own } from './own.ts'
import type { Ways } from './ways.ts'

/** Tries in a row that come to nothing, though the way is there, before it counts as failed. */
const TRIES = 10

/** Why a run is ended from outside. */
class Stopped extends Error {}

/** What the runs need of the queue. */
export interface RunsPorts {
  report(error: unknown): void
  /** Something may be to be begun. */
  look(): void
  /** The files of a host that can be reached now. */
  reach(end: NonNullable<Own['transfer']['record']['to']>): Sftp | undefined
}

/** How the transfers of this window are run, one by one: begun, ended well, failed, stopped. */
export class Runs {
  readonly #ports: RunsPorts

  constructor(ports: RunsPorts) {
    this.#ports = ports
  }

  /** Begins a run; `own.ended` settles with its end. */
  start(own: Own, ways: Ways): void {
    const run = new AbortController()
    own.run = run
    own.ended = this.#run(own, ways, run.signal)
      .catch(this.#ports.report)
      .then(() => {
        if (own.run === run) own.run = undefined
        this.#ports.look()
      })
  }

  /** Ends its run, which nobody waits for here. */
  stop(own: Own): void {
    own.run?.abort(new Stopped())
  }

  /** The browser's own list of downloads can end one. */
  watch(own: Own, goal: DownloadGoal): void {
    const ended = () => void this.cancel(own, failureOf(goal.ended.reason)).catch(this.#ports.report)
    goal.ended.addEventListener('abort', ended)
    own.unwatch = () => goal.ended.removeEventListener('abort', ended)
  }

  /** Whether it has what it reads and writes; else it says what it needs. Rejects with `Failed('download-lost')`. */
  async ready(own: Own): Promise<boolean> {
    const { transfer } = own
    const { kind, goal } = transfer.record
    if (kind === 'download' && !transfer.goal) {
      if (!goal?.handle) throw new Failed('download-lost')
      if (!(await areAllowed([goal.handle], 'readwrite'))) return this.#needs(own, 'handles')
      const { goalOf } = await import('../out/goalOf.ts')
      transfer.goal = goalOf(goal.handle)
      this.watch(own, transfer.goal)
    }
    // One that is being read now has what it needs, as far as it is known.
    const needed = kind === 'upload' ? transfer.needs : undefined
    if (!needed) return true
    if (needed === 'person' || !(await areAllowed(transfer.handles, 'read'))) return this.#needs(own, needed)
    transfer.useHandles()
    return true
  }

  /** Asks the person whether what was kept may be read or written; it goes on where it may. */
  async askForHandles(own: Own): Promise<void> {
    const { transfer } = own
    const { goal } = transfer.record
    const allowed = goal?.handle
      ? await allow([goal.handle], 'readwrite')
      : transfer.needs === 'handles' && (await allow(transfer.handles, 'read'))
    if (!allowed) return
    transfer.useHandles()
    await transfer.set({ state: 'queued', source: undefined, failure: undefined })
  }

  async fail(own: Own, failure: AppFailure): Promise<void> {
    const { transfer } = own
    this.stop(own)
    // A stream cannot be tried again once the browser has been told that it failed.
    if (transfer.goal && transfer.goal.kind !== 'handle')
      await transfer.goal.fail(new Failed(failure)).catch(this.#ports.report)
    if (transfer.goal?.kind !== 'handle') transfer.goal = undefined
    await transfer.set({ state: 'failed', finishedAt: Date.now(), failure: keptFailure(failure), live: undefined })
  }

  /** Ends it, and takes back what is unfinished. */
  async cancel(own: Own, failure?: AppFailure): Promise<void> {
    const { transfer } = own
    if (/^(done|cancelled)$/.test(transfer.record.state)) return
    own.busy++
    try {
      await transfer.set({
        state: 'cancelled',
        finishedAt: Date.now(),
        ...(failure && { failure: keptFailure(failure) }),
      })
      this.stop(own)
      await own.ended
      await transfer.goal?.fail(new Failed('transfer-cancelled')).catch(this.#ports.report)
      await this.#clean(own)
    } finally {
      own.busy--
    }
    this.#ports.look()
  }

  /** What a cancelled one has left on a host that is there again goes. */
  async tidy(own: Own): Promise<void> {
    own.busy++
    try {
      await this.#clean(own)
    } finally {
      own.busy--
      own.notBefore = performance.now() + backOff(own.tries++)
    }
    this.#ports.look()
  }

  /** Forgets it, with what is unfinished of it; says what stays on the host. Rejects with `StoreFailure`. */
  async forget(own: Own): Promise<void> {
    const { transfer } = own
    own.unwatch()
    await own.ended
    if (transfer.record.state === 'failed') {
      await transfer.goal?.fail(new Failed('transfer-cancelled')).catch(this.#ports.report)
      await this.#clean(own)
    }
    const { leftovers = [] } = transfer.record
    await transfer.remove()
    this.#tell(leftovers)
  }

  /** What is unfinished goes from the host, now or when that is there again. */
  async #clean({ transfer }: Own): Promise<void> {
    const { to } = transfer.record
    const { left, stuck } = await transfer.clean(to && this.#ports.reach(to))
    await transfer.set({ leftovers: left })
    if (left.length === 0) await transfer.dropItems()
    this.#tell(stuck)
  }

  #tell(leftovers: readonly string[]): void {
    if (leftovers.length === 0) return
    const said = leftovers.slice(0, 5).join(', ')
    this.#ports.report(new Failed({ ...failureOf(new Failed('leftovers')), said }))
  }

  async #run(own: Own, ways: Ways, signal: AbortSignal): Promise<void> {
    const { transfer } = own
    const before = transfer.steps
    try {
      if (!(await this.ready(own))) return
      await transfer.run(ways, signal)
      signal.throwIfAborted()
      await this.#finish(own)
    } catch (error) {
      if (signal.aborted) return
      const failure = failureOf(error)
      if (!passes(error)) {
        if (failure.code === 'unexpected') this.#ports.report(error)
        await this.fail(own, failure)
        return
      }
      own.tries = transfer.steps > before ? 0 : own.tries + 1
      if (own.tries >= TRIES && !isLost(error)) await this.fail(own, failure)
      own.failure = failure
      // The way may have gone, which is waited for; the first try after it comes at once.
      own.notBefore = performance.now() + (own.tries === 0 && isLost(error) ? 0 : backOff(own.tries))
    }
  }

  async #needs(own: Own, source: 'handles' | 'person'): Promise<false> {
    await own.transfer.set({ state: 'needs-file', source })
    return false
  }

  async #finish(own: Own): Promise<void> {
    const { transfer } = own
    if (transfer.record.problemCount > 0) {
      await this.fail(own, failureOf(new Failed('some-failed')))
      return
    }
    await transfer.goal?.close()
    own.unwatch()
    await transfer.set({ state: 'done', finishedAt: Date.now(), bytes: transfer.bytes, live: undefined })
    await transfer.dropItems()
  }
}
