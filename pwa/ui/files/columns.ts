import type { Columns, Sort } from '../../store/schema.ts'

export type Column = Columns[number]['by']

/** What stands over each column. */
export const columnTitles = {
  name: 'Name',
  size: 'Size',
  modified: 'Modified',
  accessed: 'Accessed',
  mode: 'Mode',
  owner: 'Owner',
  group: 'Group',
} as const satisfies Record<Sort['by'], string>

/** All but the name, in the order in which they stand and in which room is given to them. */
export const columnOrder = ['size', 'modified', 'accessed', 'mode', 'owner', 'group'] as const satisfies Column[]

/** Ems. */
const usualWidths: Record<Column, number> = { size: 5, modified: 7.8, accessed: 7.8, mode: 7, owner: 6.2, group: 6.2 }

/** What is shown until a person chooses. */
export const usualColumns: Columns = [{ by: 'size' }, { by: 'modified' }, { by: 'mode' }, { by: 'owner' }]

/** Ems that the names keep before a column finds no room. */
const nameLeast = 11
/** Ems between two columns. */
const gap = 0.9

/** The columns that have room beside the names, from the left, each with its width. @param room ems */
export function fitting(columns: Columns, room: number): { by: Column; width: number }[] {
  let left = room - nameLeast
  const fits: { by: Column; width: number }[] = []
  for (const { by, width = usualWidths[by] } of columns) {
    left -= width + gap
    if (left < 0) break
    fits.push({ by, width })
  }
  return fits
}

/** The columns with one added at its place, or taken out. */
export function toggled(columns: Columns, by: Column): Columns {
  if (columns.some((column) => column.by === by)) return columns.filter((column) => column.by !== by)
  const order = (column: Column) => columnOrder.indexOf(column)
  return [...columns, { by }].sort((a, b) => order(a.by) - order(b.by))
}

/** The columns with one of another width, in ems, within what can be read and kept. */
export function resized(columns: Columns, by: Column, width: number): Columns {
  const within = Math.round(Math.max(3, Math.min(30, width)) * 10) / 10
  return columns.map((column) => (column.by === by ? { by, width: within } : column))
}
