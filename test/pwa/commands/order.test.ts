import { expect, it } from 'vitest'
import { choosing, comparing, merging, sorting } from '../../../pwa/commands/order.ts'
import type { Sort } from '../../../pwa/store/schema.ts'
import type { FileInfo } from '../../../shared/fileInfo.ts'

const file = (name: string, of: Partial<FileInfo> = {}): FileInfo => ({
  name,
  path: `/srv/${name}`,
  size: 1,
  type: 'file',
  permissions: '-rw-r--r--',
  owner: 'me',
  group: 'me',
  modifiedAt: new Date(0),
  ...of,
})
const names = (files: readonly FileInfo[]) => files.map((one) => one.name)

/** Does all of the work, and counts where it might have rested. */
function whole<T>(work: Generator<void, T>): { result: T; rests: number } {
  for (let rests = 0; ; rests++) {
    const step = work.next()
    if (step.done) return { result: step.value, rests }
  }
}
const sorted = (files: readonly FileInfo[], sort: Sort) => names(whole(sorting(files, comparing(sort))).result)

it('puts directories first and numbers in their order', () => {
  const files = [file('b10'), file('b9'), file('Alpha'), file('z', { type: 'directory' })]
  expect(sorted(files, { by: 'name', descending: false })).toEqual(['z', 'Alpha', 'b9', 'b10'])
  expect(sorted(files, { by: 'name', descending: true })).toEqual(['z', 'b10', 'b9', 'Alpha'])
})

it('falls back to the name among equals, and to its letters among names that differ in case alone', () => {
  const files = [file('b', { size: 2 }), file('c', { size: 1 }), file('a', { size: 1 }), file('A', { size: 1 })]
  expect(sorted(files, { by: 'size', descending: false })).toEqual(['A', 'a', 'c', 'b'])
  expect(sorted(files, { by: 'size', descending: true })).toEqual(['b', 'A', 'a', 'c'])
})

it('sorts by every column', () => {
  const a = { size: 1, modifiedAt: new Date(1), atime: 9, permissions: '-r--------', owner: 'ann', group: 'z' }
  const b = { size: 2, modifiedAt: new Date(0), atime: 8, permissions: '-rw-------', owner: 'bob', group: 'y' }
  const order = (by: Sort['by']) => sorted([file('a', a), file('b', b)], { by, descending: false }).join('')
  expect(['name', 'size', 'mode', 'owner'].map((by) => order(by as Sort['by']))).toEqual(['ab', 'ab', 'ab', 'ab'])
  expect(['modified', 'accessed', 'group'].map((by) => order(by as Sort['by']))).toEqual(['ba', 'ba', 'ba'])
})

it('sorts any number as one sort would, and leaves what it was given as it was', () => {
  for (const count of [0, 1, 1023, 1024, 1025, 5000]) {
    const files = Array.from({ length: count }, (_, index) => file(`f${(index * 7919) % 5003}`))
    const before = names(files)
    const compare = comparing({ by: 'name', descending: false })
    expect(sorted(files, { by: 'name', descending: false })).toEqual(names(files.toSorted(compare)))
    expect(names(files)).toEqual(before)
  }
})

it('rests after every thousand entries or so', () => {
  const files = Array.from({ length: 200_000 }, (_, index) => file('f', { size: (index * 7919) % 200_003 }))
  const compare = comparing({ by: 'size', descending: false })
  // 196 pieces, and 8 rounds of merging.
  expect(whole(sorting(files, compare)).rests).toBeGreaterThan(1500)
  expect(whole(choosing(files, () => true)).rests).toBe(195)
})

it('merges what came later into what is in order', () => {
  const compare = comparing({ by: 'name', descending: false })
  expect(names(whole(merging([file('a'), file('c')], [file('b'), file('d')], compare)).result)).toEqual([
    'a',
    'b',
    'c',
    'd',
  ])
  expect(names(whole(merging([], [file('b')], compare)).result)).toEqual(['b'])
})
