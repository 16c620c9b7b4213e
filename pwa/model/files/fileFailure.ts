import { type FailureCode, Refusal } from '../../../shared/failure.ts'
import { type AppFailure, Failed, failureOf } from '../failure.ts'

/** What one file may fail with while others can still be done. */
const ofOneFile: ReadonlySet<string> = new Set<FailureCode>([
  'bad-request',
  'no-such-file',
  'permission-denied',
  'sftp-failure',
  'sftp-unsupported',
  'file-exists',
  'not-empty',
  'no-space',
  'read-only',
  'too-large',
  'changed-meanwhile',
  'wrong-size',
])

/** Why something could not be done with this one file; undefined where the trouble is with all of them, such as a lost relay. */
export function failureOfFile(error: unknown): AppFailure | undefined {
  const failure = failureOf(error)
  return ofOneFile.has(failure.code) ? failure : undefined
}

/** Whether it failed with this code. */
export function failedWith(error: unknown, ...codes: FailureCode[]): boolean {
  return codes.some((code) => code === failureOf(error).code)
}

/** A failure of the protocol that the app finds by itself. */
export function refused(code: FailureCode): Failed {
  return new Failed(new Refusal(code, { phase: 'files' }).toFailure())
}

/** What could not be done, and why. */
export interface Problem {
  path: string
  failure: AppFailure
}
