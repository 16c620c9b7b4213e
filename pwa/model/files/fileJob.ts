import { batch, type ReadonlySignal, signal } from '@preact/signals'
import { type AppFailure, failureOf } from '../failure.ts'
import { newId } from '../id.ts'
import { type Count, nothing, plus } from './countTree.ts'
import type { Problem } from './fileFailure.ts'
import type { Progress } from './removeTree.ts'

/** Problems that are kept with their path; the others are counted. */
const KEPT = 200
/** Milliseconds between two tellings of how far it is. */
const TELL_MS = 100

/** `asking`: what it is about is known, and the person is asked. */
export type JobState = 'counting' | 'asking' | 'running' | 'done' | 'stopped' | 'failed'

/** What a job does. */
export interface Work {
  /** Finds out what it is about, before the person is asked; it may be stopped. */
  count?(signal: AbortSignal, counted: (count: Count) => void, problem: (problem: Problem) => void): Promise<unknown>
  run(progress: Progress & { signal: AbortSignal }): Promise<unknown>
}

/** Long work on files: it counts, asks, runs, can be stopped at any time, and gathers what could not be done. */
export class FileJob {
  readonly id = newId()
  readonly #state = signal<JobState>('running')
  readonly #counted = signal<Count>(nothing)
  readonly #done = signal<Count>(nothing)
  readonly #problems = signal<readonly Problem[]>([])
  readonly #problemCount = signal(0)
  readonly #failure = signal<AppFailure | undefined>(undefined)
  readonly #stop = new AbortController()
  readonly #work: Work
  #begun = false
  #telling: ReturnType<typeof setTimeout> | undefined
  #now: { counted: Count; done: Count; problems: Problem[]; problemCount: number } = {
    counted: nothing,
    done: nothing,
    problems: [],
    problemCount: 0,
  }

  constructor(work: Work) {
    this.#work = work
  }

  get state(): ReadonlySignal<JobState> {
    return this.#state
  }

  /** What it is about, as far as that is known. */
  get counted(): ReadonlySignal<Count> {
    return this.#counted
  }

  get done(): ReadonlySignal<Count> {
    return this.#done
  }

  /** The first of what could not be done. */
  get problems(): ReadonlySignal<readonly Problem[]> {
    return this.#problems
  }

  /** How much could not be done. */
  get problemCount(): ReadonlySignal<number> {
    return this.#problemCount
  }

  /** Whether it has come to doing something. */
  get begun(): boolean {
    return this.#begun
  }

  /** Why it ended before its end. */
  get failure(): ReadonlySignal<AppFailure | undefined> {
    return this.#failure
  }

  /** Counts and then asks. Never rejects: see `failure`. */
  async count(): Promise<void> {
    this.#state.value = 'counting'
    const counted = (count: Count) => {
      this.#now.counted = count
      this.#tell()
    }
    await this.#until('asking', () => this.#work.count?.(this.#stop.signal, counted, (one) => this.#problem(one)))
  }

  /** Runs; what was told while counting is forgotten. Never rejects: see `failure`. */
  async run(): Promise<void> {
    this.#begun = true
    this.#now = { ...this.#now, problems: [], problemCount: 0 }
    this.#state.value = 'running'
    const progress = {
      signal: this.#stop.signal,
      done: (info: Parameters<Progress['done']>[0]) => {
        this.#now.done = plus(this.#now.done, info)
        this.#tell()
      },
      problem: (one: Problem) => this.#problem(one),
    }
    await this.#until('done', () => this.#work.run(progress))
  }

  /** Ends it where it is; what is on its way to the server is done still. */
  stop(): void {
    if (this.#state.peek() === 'asking') this.#state.value = 'stopped'
    this.#stop.abort()
  }

  #problem(problem: Problem): void {
    this.#now.problemCount += 1
    if (this.#now.problems.length < KEPT) this.#now.problems = [...this.#now.problems, problem]
    this.#tell()
  }

  async #until(end: JobState, work: () => unknown): Promise<void> {
    let state = end
    try {
      await work()
      if (this.#stop.signal.aborted) state = 'stopped'
    } catch (error) {
      state = this.#stop.signal.aborted ? 'stopped' : 'failed'
      if (state === 'failed') this.#failure.value = failureOf(error)
    }
    clearTimeout(this.#telling)
    this.#telling = undefined
    batch(() => {
      this.#publish()
      this.#state.value = state
    })
  }

  #tell(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      this.#publish()
    }, TELL_MS)
  }

  #publish(): void {
    batch(() => {
      this.#counted.value = this.#now.counted
      this.#done.value = this.#now.done
      this.#problems.value = this.#now.problems
      this.#problemCount.value = this.#now.problemCount
    })
  }
}
