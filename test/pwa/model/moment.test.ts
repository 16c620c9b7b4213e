import { expect, test } from 'vitest'
import { ageOf } from '../../../pwa/model/moment.ts'

const day = 86_400_000
const since = { steady: 1_000, wall: 5 * day }

test.each([
  ['a second', { steady: 2_000, wall: 5 * day + 1_000 }, 1_000],
  ['a sleep, which the steady clock may not count', { steady: 1_010, wall: 5 * day + 3_600_000 }, 3_600_000],
  ['a clock set back by a day', { steady: 61_000, wall: 4 * day }, 60_000],
  ['a clock set forward by a day', { steady: 1_500, wall: 6 * day }, day],
])('N-SLP-01 %s makes nothing younger than it is', (_what, now, age) => {
  expect(ageOf(since, now)).toBe(age)
})
