import { expect, it } from 'vitest'
import { ReplyLimit } from '../../../pwa/model/replyLimit.ts'

it('T-ESC-03 gives at most 100 replies in a second, and then again', () => {
  let now = 5_000
  const limit = new ReplyLimit(() => now)
  const given = () => Array.from({ length: 500 }, () => limit.take()).filter(Boolean).length
  expect(given()).toBe(100)
  now += 999
  expect(given()).toBe(0)
  now += 1
  expect(given()).toBe(100)
})
