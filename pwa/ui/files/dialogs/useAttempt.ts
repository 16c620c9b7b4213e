import { useState } from 'preact/hooks'
import { failureOf } from '../../../model/failure.ts'

/** Does something that may fail, for a dialog that then stays and says why. */
export interface Attempt {
  busy: boolean
  /** Why the last one failed, whole sentences. */
  problem: string | undefined
  /** The person changes what was wrong. */
  forget(): void
  /** Resolves with whether it was done. */
  begin(work: () => unknown): Promise<boolean>
}

/** One attempt at a time. */
export function useAttempt(): Attempt {
  const [busy, work] = useState(false)
  const [problem, tell] = useState<string>()
  return {
    busy,
    problem,
    forget: () => tell(undefined),
    async begin(attempt) {
      if (busy) return false
      work(true)
      tell(undefined)
      try {
        await attempt()
        return true
      } catch (error) {
        const { message, remedy } = failureOf(error)
        tell(`${message}. ${remedy}`)
        return false
      } finally {
        work(false)
      }
    },
  }
}
