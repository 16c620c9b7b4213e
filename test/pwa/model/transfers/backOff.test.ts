import { expect, it } from 'vitest'
import { Failed } from '../../../../pwa/model/failure.ts'
import { backOff, isLost, passes } from '../../../../pwa/model/transfers/backOff.ts'
import { type FailureCode, Refusal } from '../../../../shared/failure.ts'

const refusal = (code: FailureCode) => new Failed(new Refusal(code).toFailure())

it('waits a second, then longer, and never more than a minute', () => {
  expect([0, 1, 2, 3, 6, 50].map(backOff)).toEqual([1_000, 2_000, 4_000, 8_000, 60_000, 60_000])
})

it('takes a lost way for what passes, and not what is about one file or what a person has refused', () => {
  expect([passes(new Failed('relay-lost')), isLost(new Failed('relay-lost'))]).toEqual([true, true])
  expect([passes(refusal('too-many-sessions')), isLost(refusal('too-many-sessions'))]).toEqual([true, false])
  const others = [
    refusal('permission-denied'),
    refusal('wrong-size'),
    refusal('login-refused'),
    new Failed('not-signed'),
  ]
  expect(others.map(passes)).toEqual([false, false, false, false])
  expect(passes(new Error('a bug'))).toBe(false)
})
