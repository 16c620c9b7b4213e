import { expect, it } from 'vitest'
import { place } from '../../../pwa/model/place.ts'

it.each([
  ['what comes next is written whole', 10, 5, 10, { kind: 'write', at: 0 }],
  ['what overlaps is cut', 8, 5, 10, { kind: 'write', at: 2 }],
  ['what is had is skipped', 3, 7, 10, { kind: 'skip' }],
  ['nothing is skipped', 10, 0, 10, { kind: 'skip' }],
  ['what comes too far on leaves a gap', 15, 5, 10, { kind: 'gap', missing: 5 }],
] as const)('%s', (_, offset, length, received, placing) => {
  expect(place(offset, length, received)).toEqual(placing)
})
