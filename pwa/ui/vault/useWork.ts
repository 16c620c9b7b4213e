import { useState } from 'preact/hooks'
import { type AppFailure, failureOf } from '../../model/failure.ts'

/** Runs one thing at a time on behalf of a dialog: whether it runs, and why the last one failed. */
export function useWork(): {
  busy: boolean
  failure: AppFailure | undefined
  /** The failure as a line of text. */
  problem: string | undefined
  run(work: () => Promise<void>): void
} {
  const [busy, work] = useState(false)
  const [failure, report] = useState<AppFailure>()
  return {
    busy,
    failure,
    problem: failure && `${failure.message}. ${failure.remedy}`,
    run(task) {
      if (busy) return
      work(true)
      report(undefined)
      task()
        .catch((error: unknown) => report(failureOf(error)))
        .finally(() => work(false))
    },
  }
}
