import { expect, it } from 'vitest'
import { nameFilter } from '../../../pwa/commands/nameFilter.ts'

const fits = (text: string, name: string) => nameFilter(text)(name)

it('finds a part of a name in either case, however it is composed', () => {
  expect(fits('', 'anything')).toBe(true)
  expect(fits('  ', 'anything')).toBe(true)
  expect(fits('LOG', 'access.log.1')).toBe(true)
  expect(fits('logs', 'access.log.1')).toBe(false)
  expect(fits('übung', 'U\u0308bung.txt')).toBe(true)
})

it('takes * and ? as a shell does: for the whole name', () => {
  expect(fits('*.log', 'access.log')).toBe(true)
  expect(fits('*.log', 'access.log.1')).toBe(false)
  expect(fits('access*', 'Access.log')).toBe(true)
  expect(fits('a?c', 'abc')).toBe(true)
  expect(fits('a?c', 'ac')).toBe(false)
  expect(fits('a*b*c', 'a1b2bc')).toBe(true)
  expect(fits('**', '')).toBe(true)
  expect(fits('[a]', 'a')).toBe(false)
})

it('has its answer at once for a pattern that is made to take long', () => {
  expect(fits('*a'.repeat(40), `${'a'.repeat(255)}b`)).toBe(false)
})
