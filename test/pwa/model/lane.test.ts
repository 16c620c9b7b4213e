import { expect, it } from 'vitest'
import { Lane } from '../../../pwa/model/lane.ts'

/** Work that ends when the test says so. */
function jobs(lane: Lane) {
  const inside: string[] = []
  const ends = new Map<string, { resolve(): void; reject(error: Error): void }>()
  return {
    inside,
    enter: (name: string, bytes: number) =>
      lane.run(bytes, () => {
        inside.push(name)
        return new Promise<void>((resolve, reject) => ends.set(name, { resolve, reject }))
      }),
    async leave(name: string, error?: Error) {
      if (error) ends.get(name)?.reject(error)
      else ends.get(name)?.resolve()
      inside.splice(inside.indexOf(name), 1)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

it('lets in so many and so much, in the order in which they came', async () => {
  const { inside, enter, leave } = jobs(new Lane({ requests: 2, bytes: 10 }))
  const all = [enter('a', 6), enter('b', 6), enter('c', 1), enter('d', 1)]
  expect(inside).toEqual(['a'])
  await leave('a')
  expect(inside).toEqual(['b', 'c'])
  await leave('b')
  expect(inside).toEqual(['c', 'd'])
  await leave('c')
  await leave('d')
  await Promise.all(all)
})

it('lets in alone what is larger than all, and goes on after what failed', async () => {
  const { inside, enter, leave } = jobs(new Lane({ requests: 2, bytes: 10 }))
  const large = enter('large', 100)
  const small = enter('small', 0)
  expect(inside).toEqual(['large'])
  const failure = expect(large).rejects.toThrow('broken')
  await leave('large', new Error('broken'))
  await failure
  expect(inside).toEqual(['small'])
  await leave('small')
  await small
})
