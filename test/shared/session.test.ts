import { expect, test } from 'vitest'
import { next, type SessionState, type SessionStep } from '../../shared/session.ts'

const walk = (...steps: SessionStep[]) =>
  steps.reduce<SessionState | undefined>((state, step) => state && next(state, step), 'connecting')

test('a session is asked, opens, is lost and comes back', () => {
  expect(walk('asked', 'answered', 'asked', 'answered', 'opened', 'lost', 'attached')).toBe('open')
})

test('a socket that is lost while somebody is asked leaves the question open', () => {
  expect(walk('asked', 'lost', 'attached')).toBe('prompting')
})

test('another window may take an open session', () => expect(walk('opened', 'attached')).toBe('open'))

test.each<SessionState>(['connecting', 'prompting', 'open', 'detached'])('%s can end, and nothing follows', (state) => {
  expect(next(state, 'ended')).toBe('closed')
  for (const step of ['asked', 'answered', 'opened', 'lost', 'attached', 'ended'] as const) {
    expect(next('closed', step)).toBeUndefined()
  }
})

test.each<[SessionState, SessionStep]>([
  ['connecting', 'answered'],
  ['prompting', 'opened'],
  ['open', 'opened'],
  ['open', 'asked'],
  ['detached', 'lost'],
  ['detached', 'opened'],
])('from %s, %s is no step', (state, step) => expect(next(state, step)).toBeUndefined())
