import { expect, test } from 'vitest'
import { LocalNames } from '../../../../pwa/model/out/localNames.ts'

test('S-NAM-03 names that become the same get numbers, whether they differ in case, in form or in what was replaced', () => {
  const names = new LocalNames()
  expect(names.of('a:b')).toBe('a_b')
  expect(names.of('a|b')).toBe('a_b (2)')
  expect(names.of('A_B')).toBe('A_B (3)')
  expect(names.of('e\u0301.txt')).toBe('é.txt')
  expect(names.of('é.txt')).toBe('é (2).txt')
  expect(names.of('a_b (2)')).toBe('a_b (2) (2)')
})

test('a name keeps the one that it got', () => {
  const names = new LocalNames()
  names.of('x')
  const second = names.of('X')
  expect(names.of('X')).toBe(second)
  expect(names.known('X')).toBe(second)
  expect(names.known('y')).toBeUndefined()
  expect(names.wanted('y?')).toBe('y_')
})

test('what is on the disk already is not taken', async () => {
  const names = new LocalNames()
  const there = new Set(['a.txt', 'a (2).txt'])
  expect(await names.free('a.txt', async (local) => !there.has(local))).toBe('a (3).txt')
  there.add('a (3).txt')
  expect(await names.free('a.txt', async (local) => !there.has(local))).toBe('a (3).txt')
})

test('S-NAM-03 a hundred thousand names that become one are all told apart', () => {
  const names = new LocalNames()
  const controls = (at: number) =>
    [0, 1, 2, 3].map((digit) => String.fromCharCode(1 + (Math.floor(at / 31 ** digit) % 31)))
  const given = Array.from({ length: 100_000 }, (_, at) => names.of(`a${controls(at).join('')}b`))
  expect(given[0]).toBe('a_b')
  expect(new Set(given).size).toBe(100_000)
})
