import { expect, it } from 'vitest'
import { explainEnd } from '../../../pwa/model/ended.ts'

const failure = { message: 'The server ended the connection', remedy: '', retry: true, code: 'server-disconnected' }

it.each([
  [{ reason: 'exit' }, 'The session has ended.'],
  [{ reason: 'exit', exitCode: 0 }, 'The session has ended.'],
  [{ reason: 'exit', exitCode: 127 }, 'The session has ended with exit code 127.'],
  [{ reason: 'exit', signal: 'TERM' }, 'The session was ended by signal TERM.'],
  [{ reason: 'closed' }, 'The session was ended.'],
  [{ reason: 'failure' }, 'The server ended the connection'],
  [{ reason: 'draining' }, 'The relay was shut down, so the session has ended.'],
] as const)('%j is told as %j', (over, message) => {
  expect(explainEnd({ sessionId: 's', ...over }, failure).message).toBe(message)
})
