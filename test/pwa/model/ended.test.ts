import { expect, it } from 'vitest'
import { explainEnd } from '../../../pwa/model/ended.ts'

const failure = { message: 'The server ended the connection', remedy: '', retry: true, code: 'server-disconnected' }

it.each([
  [{ reason: 'evicted' }, 'The relay ended the session to make room: nobody had come back to it for longest.'],
  [{ reason: 'exit' }, 'The session has ended.'],
  [{ reason: 'exit', exitCode: 0 }, 'The session has ended.'],
  [{ reason: 'exit', exitCode: 127 }, 'The session has ended with exit code 127.'],
  [{ reason: 'exit', signal: 'TERM' }, 'The session was ended by signal TERM.'],
  [{ reason: 'closed' }, 'The session was ended.'],
  [{ reason: 'failure' }, 'The server ended the connection'],
  [{ reason: 'draining' }, 'The relay was shut down, so the session has ended.'],
] as const)('%j is told as %j', (over, message) => {
  expect(explainEnd(over, failure).message).toBe(message)
})

it.each([
  [{ reason: 'exit', exitCode: 3 }, 'The session has ended with exit code 3 while you were away.'],
  [{ reason: 'exit', signal: 'KILL' }, 'The session was ended by signal KILL while you were away.'],
  [{ reason: 'exit', exitCode: 0 }, 'The session has ended while you were away.'],
  [{ reason: 'closed' }, 'The session was ended while you were away.'],
  [{ reason: 'expired' }, 'The relay ended the session because nobody had come back to it for too long.'],
] as const)('%j is told to one who was away as %j', (over, message) => {
  expect(explainEnd(over, failure, 'away').message).toBe(message)
})
