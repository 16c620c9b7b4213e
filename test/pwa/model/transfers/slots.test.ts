import { expect, it } from 'vitest'
import { Slots } from '../../../../pwa/model/transfers/slots.ts'

const { signal } = new AbortController()

it('gives places to whoever has the fewest', async () => {
  const slots = new Slots(2)
  const got: string[] = []
  const take = (who: string, cost = 1) =>
    slots.take(who, cost, signal).then((release) => {
      got.push(who)
      return release
    })
  const many = Array.from({ length: 4 }, () => take('many'))
  const one = take('one')
  const first = await many[0]
  await many[1]
  first?.()
  await one
  expect(got).toEqual(['many', 'many', 'one'])
})

it('keeps room for what needs more than is free, instead of letting others pass', async () => {
  const slots = new Slots(4)
  const small = await slots.take('a', 1, signal)
  let largeIsIn = false
  const large = slots.take('b', 4, signal).then((release) => {
    largeIsIn = true
    return release
  })
  const later = slots.take('a', 1, signal)
  await Promise.resolve()
  expect(largeIsIn).toBe(false)
  small()
  ;(await large)()
  ;(await later)()
})

it('lets go of who does not wait any more', async () => {
  const slots = new Slots(1)
  const release = await slots.take('a', 1, signal)
  const stop = new AbortController()
  const waiting = slots.take('b', 1, stop.signal)
  stop.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  release()
  release()
  ;(await slots.take('c', 1, signal))()
})
