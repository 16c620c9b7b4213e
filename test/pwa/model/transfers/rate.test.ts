import { expect, it } from 'vitest'
import { Rate } from '../../../../pwa/model/transfers/rate.ts'

it('is an average over five seconds', () => {
  const rate = new Rate()
  expect(rate.value(0)).toBe(0)
  for (let at = 0; at <= 20_000; at += 250) rate.add(at <= 10_000 ? at : 10_000 + (at - 10_000) * 3, at)
  // A thousand bytes a second first, three thousand then.
  expect(Math.round(rate.value(20_000))).toBe(3_000)
  expect(rate.value(26_000)).toBe(0)
  rate.reset()
  expect(rate.value(20_000)).toBe(0)
})

it('keeps no more than it needs, however often it is told', () => {
  const rate = new Rate()
  for (let at = 0; at < 60_000; at += 1) rate.add(at * 10, at)
  expect(Math.abs(rate.value(60_000) - 10_000)).toBeLessThan(200)
})
