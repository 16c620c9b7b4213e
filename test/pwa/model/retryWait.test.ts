import { expect, test } from 'vitest'
import { retryWait } from '../../../pwa/model/retryWait.ts'

test('N-KIL-02 the first try comes at once, the others anywhere in a bound that doubles up to five seconds', () => {
  expect(retryWait(0, 1)).toBe(0)
  expect([1, 2, 3, 4, 5, 50, 5000].map((failed) => retryWait(failed, 1))).toEqual([
    500, 1000, 2000, 4000, 5000, 5000, 5000,
  ])
  expect([1, 2, 3].map((failed) => retryWait(failed, 0.25))).toEqual([125, 250, 500])
  expect(retryWait(7, 0)).toBe(0)
})
