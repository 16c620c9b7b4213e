import * as v from 'valibot'
import { expect, test } from 'vitest'
import { Failure, failureCodes, failures, Refusal } from '../../shared/failure.ts'

test.each(failureCodes)('%s has a title and a remedy in the words of the interface', (code) => {
  const { title, remedy } = failures[code]
  expect(title).toMatch(/^[A-Z].{5,70}[^.!]$/)
  expect(remedy).toMatch(/^[A-Z][^!]{5,90}\.$/)
})

test('a refusal goes over the wire as a failure that fits its schema', () => {
  const failure = new Refusal('login-refused', { phase: 'login' }).toFailure()
  expect(v.parse(Failure, failure)).toEqual(failure)
  expect(failure).toEqual({
    code: 'login-refused',
    phase: 'login',
    message: failures['login-refused'].title,
    remedy: failures['login-refused'].remedy,
    retry: false,
  })
})

test('neither the cause nor the stack of a refusal leaves the relay', () => {
  const refusal = new Refusal('internal', { detail: 'It broke', cause: new Error('hunter2') })
  expect(JSON.stringify(refusal.toFailure())).not.toContain('hunter2')
  expect(Object.keys(refusal.toFailure()).sort()).toEqual(['code', 'message', 'remedy', 'retry'])
})
