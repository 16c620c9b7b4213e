import { effect, signal } from '@preact/signals'
import { afterEach, expect, it } from 'vitest'
import { Arranged } from '../../../pwa/commands/arranged.ts'
import type { Sort } from '../../../pwa/store/schema.ts'
import type { FileInfo } from '../../../shared/fileInfo.ts'

const file = (name: string, size = 1): FileInfo => ({
  name,
  path: `/${name}`,
  size,
  type: 'file',
  permissions: '-rw-r--r--',
  owner: 'me',
  group: 'me',
  modifiedAt: new Date(0),
})
const sort = signal<Sort>({ by: 'name', descending: false })
const hiddenFiles = signal(false)
const filter = signal('')
let arranged: Arranged | undefined

function arrange(): Arranged {
  sort.value = { by: 'name', descending: false }
  hiddenFiles.value = false
  filter.value = ''
  arranged = new Arranged({ sort, hiddenFiles, filter })
  return arranged
}
afterEach(() => arranged?.close())

/** Resolves once nothing is being arranged; gives how often others had their turn meanwhile. */
async function settled(one: Arranged): Promise<number> {
  let turns = 0
  for (; one.busy; turns++) await new Promise((resolve) => setTimeout(resolve))
  return turns
}
const names = (one: Arranged) => one.shown.value.map(({ name }) => name)

it('arranges a few at once, by order, dots and filter', () => {
  const one = arrange()
  one.replace([file('b', 2), file('.env'), file('a', 3)])
  expect([names(one), one.hidden.value]).toEqual([['a', 'b'], 1])
  sort.value = { by: 'size', descending: false }
  expect(names(one)).toEqual(['b', 'a'])
  hiddenFiles.value = true
  expect([names(one), one.hidden.value]).toEqual([['.env', 'b', 'a'], 0])
  filter.value = 'B'
  expect([names(one), one.visible.value.length]).toEqual([['b'], 3])
})

it('puts what comes later at its place', () => {
  const one = arrange()
  const first = [file('b'), file('d')]
  one.replace(first)
  one.extend([...first, file('c'), file('a')])
  expect(names(one)).toEqual(['a', 'b', 'c', 'd'])
})

it('lets the page go on while it arranges 200,000, and shows what it showed until they are in order', async () => {
  const one = arrange()
  // Comparing names takes ten times as long as comparing sizes, and nothing else is different.
  sort.value = { by: 'size', descending: false }
  one.replace([file('before')])
  const size = (index: number) => (index * 7919) % 200_003
  const many = Array.from({ length: 200_000 }, (_, index) => file(`img-${size(index)}`, size(index)))
  one.replace(many)
  expect([one.busy, names(one)]).toEqual([true, ['before']])
  expect(await settled(one)).toBeGreaterThan(3)
  expect([one.shown.value.length, names(one)[0], names(one).at(-1)]).toEqual([200_000, 'img-0', 'img-200002'])

  // A letter that is typed takes the place of the one before, whose work is not finished.
  filter.value = 'img-1'
  filter.value = 'img-19999'
  await settled(one)
  expect(names(one)).toEqual(
    many
      .map(({ name }) => name)
      .filter((name) => name.includes('img-19999'))
      .sort(byNumber),
  )

  filter.value = ''
  sort.value = { by: 'size', descending: true }
  await settled(one)
  expect(one.shown.value[0]?.size).toBe(200_002)
})

const byNumber = (a: string, b: string) => Number(a.slice(4)) - Number(b.slice(4))

it('finishes what it has begun while more comes, and then takes that in', async () => {
  const one = arrange()
  const many = Array.from({ length: 12_000 }, (_, index) => file(`f${(index * 7919) % 12_007}`))
  const lengths: number[] = []
  const stop = effect(() => {
    lengths.push(one.shown.value.length)
  })
  one.replace(many.slice(0, 6_000))
  one.extend(many.slice(0, 9_000))
  one.extend(many)
  await settled(one)
  stop()
  expect(lengths).toEqual([0, 6_000, 12_000])
})

it('does nothing more once it is closed', async () => {
  const one = arrange()
  one.replace(Array.from({ length: 12_000 }, (_, index) => file(`f${(index * 7919) % 12_007}`)))
  expect(one.busy).toBe(true)
  one.close()
  expect([one.busy, one.shown.value]).toEqual([false, []])
})
