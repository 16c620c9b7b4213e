import { expect, it } from 'vitest'
import { fitting, resized, toggled, usualColumns } from '../../../../pwa/ui/files/columns.ts'

const bys = (columns: readonly { by: string }[]) => columns.map(({ by }) => by)

it('shows columns from the left as long as the names keep their room', () => {
  expect(bys(fitting(usualColumns, 60))).toEqual(['size', 'modified', 'mode', 'owner'])
  expect(bys(fitting(usualColumns, 27))).toEqual(['size', 'modified'])
  // A telephone of 360 pixels, by what its rows leave.
  expect(bys(fitting(usualColumns, 17.7))).toEqual(['size'])
  expect(bys(fitting(usualColumns, 12))).toEqual([])
})

it('adds a column at its place and takes it out', () => {
  expect(bys(toggled([{ by: 'size' }, { by: 'owner' }], 'mode'))).toEqual(['size', 'mode', 'owner'])
  expect(bys(toggled([{ by: 'size' }, { by: 'owner' }], 'size'))).toEqual(['owner'])
})

it('keeps a width within what can be read, and leaves the others as they are', () => {
  expect(resized([{ by: 'size' }, { by: 'mode' }], 'mode', 9.123)).toEqual([{ by: 'size' }, { by: 'mode', width: 9.1 }])
  expect(resized([{ by: 'size' }], 'size', -4)).toEqual([{ by: 'size', width: 3 }])
  expect(resized([{ by: 'size' }], 'size', 400)).toEqual([{ by: 'size', width: 30 }])
})
