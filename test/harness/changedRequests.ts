import { readLoginRequest, writeLoginRequest } from '../../pwa/model/loginRequest.ts'
import { chance } from './chance.ts'
import { mutated } from './signedWorld.ts'

/**
 * Reads login requests with a few bytes changed, so many times. Returns how many could still be read; the others were refused.
 * @throws Error where one that was read is written differently
 */
export function readChangedRequests(requests: readonly Buffer[], rounds: number, seed: number): number {
  const { stackTraceLimit } = Error
  // Most of the time would go into stacks that nobody reads.
  Error.stackTraceLimit = 0
  const random = chance(seed)
  let read = 0
  try {
    for (let round = 0; round < rounds; round++) {
      let data = requests[round % requests.length] ?? Buffer.alloc(0)
      for (let changes = 1 + random(3); changes > 0 && data.length > 0; changes--) data = mutated(data, random)
      let request: ReturnType<typeof readLoginRequest>
      try {
        request = readLoginRequest(data)
      } catch (error) {
        if (!(error instanceof Error && error.name === 'WireError')) throw error
        continue
      }
      read += 1
      if (!data.equals(writeLoginRequest(request))) throw new Error(`another request: ${data.toString('hex')}`)
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  return read
}
