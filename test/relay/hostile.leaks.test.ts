import { expect, test } from 'vitest'
import { startTestRelay } from '../harness/relay.ts'
import { footprint, Visits } from '../harness/visits.ts'

test('N-LEK-01 after 150 visits, one in ten broken off on the way, nothing is left', async () => {
  const visits = new Visits()
  const relay = await startTestRelay(
    { limits: { connectBurst: 10_000 } },
    { lookup: visits.lookup, log: () => undefined },
  )
  const run = async (times: number) => {
    await visits.open()
    await visits.make(relay, times)
    await expect.poll(() => visits.held(), { timeout: 10_000 }).toBe(0)
    await visits.close()
    await expect.poll(() => relay.dispatch.counts(), { timeout: 10_000 }).toEqual({ sessions: 0, prompts: 0 })
  }
  await run(30)
  const before = footprint()
  await run(150)
  await expect.poll(() => footprint().timers, { timeout: 10_000 }).toBeLessThanOrEqual(before.timers)
  const after = footprint()
  expect(Math.abs(after.descriptors - before.descriptors)).toBeLessThanOrEqual(2)
  expect(after.heap - before.heap).toBeLessThan(10e6)
  expect([...visits.brokenOff.values()].every((times) => times >= 2)).toBe(true)
  expect(visits.brokenOff.size).toBe(7)
  await relay.close()
}, 90_000)
