import type { Transfer } from '../../store/schema.ts'
import type { AppFailure } from '../failure.ts'
import type { Problem } from '../files/fileFailure.ts'
import type { Existing } from '../out/goal.ts'

/** What can be done with a file where there is one of its name already. */
export type Choice = NonNullable<Transfer['choice']>

/**
 * Where a transfer stands. `queued`: others of its host come first; `waiting`: its host cannot be reached now, it goes on by
 * itself; `asking`: a question of it is open; `needs-file`: the page was reloaded, and the browser has to be allowed to read
 * the files, or they have to be given again.
 */
export type TransferState =
  | 'queued'
  | 'running'
  | 'paused'
  | 'waiting'
  | 'needs-file'
  | 'asking'
  | 'done'
  | 'failed'
  | 'cancelled'

/** A transfer as the interface shows it: of one drop, one download or one copy, with many files perhaps. */
export interface TransferView {
  id: string
  kind: Transfer['kind']
  /** Its first file, and how many more. */
  title: string
  /** Host and directory that it goes to, or the host that it comes from. */
  where: string
  state: TransferState
  /** Whether it is still being counted: `files` and `total` grow. */
  listing: boolean
  bytes: number
  total: number
  files: number
  /** Those that were left out among them. */
  filesDone: number
  /** Left out as the person said, or as links, which are not followed. */
  skipped: number
  /** Bytes a second, over the last five. */
  rate: number
  /** Seconds that are left at this rate. */
  left: number | undefined
  /** Why it failed, or what it waits for. */
  failure: AppFailure | undefined
  /** The first hundred of the files that failed. */
  problems: readonly Problem[]
  problemCount: number
  /** A file that is on its way now. */
  current: string | undefined
  /** For `needs-file`: the browser asks for permission to read what it knows, or the person gives the files again. */
  source: 'handles' | 'person' | undefined
}

/** All transfers of all windows that are not over; `failed` counts those that somebody should look at. */
export interface Summary {
  active: number
  waiting: number
  failed: number
  bytes: number
  total: number
  /** Bytes a second. */
  rate: number
  /** Seconds. */
  left: number | undefined
}

/** The question about a file that is there already. */
export interface Conflict {
  transferId: string
  /** Where it is. */
  path: string
  there: Existing
  ours: Existing
  /** Those that make sense here. */
  choices: readonly Choice[]
  answer(choice: Choice, forAll: boolean): void
}
