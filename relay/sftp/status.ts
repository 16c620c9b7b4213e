import { type FailureCode, Refusal } from '../../shared/failure.ts'
import { saidOf } from './said.ts'

/** Status codes (draft-ietf-secsh-filexfer-02 §7), and those of later versions that some servers give already (-13 §9.1). */
const byStatus = new Map<number, FailureCode>([
  [2, 'no-such-file'],
  [3, 'permission-denied'],
  [8, 'sftp-unsupported'],
  [9, 'no-handle'],
  [10, 'no-such-file'],
  [11, 'file-exists'],
  [12, 'read-only'],
  [14, 'no-space'],
  [15, 'no-space'],
  [18, 'not-empty'],
])

/** What a server says of a FAILURE, where it says more than that. */
const bySaid: [pattern: RegExp, code: FailureCode][] = [
  [/no space|disk (is )?full|quota/i, 'no-space'],
  [/read-?only/i, 'read-only'],
  [/not empty/i, 'not-empty'],
  [/exists/i, 'file-exists'],
]

/** The failure that a STATUS other than OK stands for. */
export function refusalOf(status: number, message: Uint8Array): Refusal {
  const said = saidOf(message)
  const told = said === undefined ? undefined : bySaid.find(([pattern]) => pattern.test(said))?.[1]
  return new Refusal(byStatus.get(status) ?? told ?? 'sftp-failure', { phase: 'files', said })
}
