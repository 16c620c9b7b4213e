import { go } from 'fuzzysort'

/** One line of the palette. */
export interface PaletteItem {
  /** Unique in the palette. */
  id: string
  group: 'Tabs' | 'Commands' | 'Hosts' | 'Connect'
  title: string
  detail?: string | undefined
  keys?: string | undefined
}

/** An item that matches, with the places of its title that do. */
export interface PaletteMatch<T extends PaletteItem> {
  item: T
  marks: ReadonlySet<number>
}

/** A match in the detail counts less than one in the title. */
const detailWeight = 0.7
const shownMost = 60

/** The items that match what was typed, best first within their groups, the group with the best match first; pure. */
export function matchItems<T extends PaletteItem>(items: readonly T[], text: string): PaletteMatch<T>[] {
  const wanted = text.trim()
  if (!wanted) return items.map((item) => ({ item, marks: new Set<number>() }))
  const found = go(wanted, items, {
    keys: ['title', 'detail'],
    limit: shownMost,
    threshold: 0.2,
    scoreFn: (result) => Math.max(result[0]?.score ?? 0, (result[1]?.score ?? 0) * detailWeight),
  })
  const groups = [...new Set(found.map((result) => result.obj.group))]
  return groups.flatMap((group) =>
    found
      .filter((result) => result.obj.group === group)
      .map((result) => ({ item: result.obj, marks: new Set(result[0]?.indexes ?? []) })),
  )
}

/** A title cut into pieces that matched and pieces that did not; pure. */
export function pieces(title: string, marks: ReadonlySet<number>): { text: string; marked: boolean }[] {
  const cut: { text: string; marked: boolean }[] = []
  for (let index = 0; index < title.length; index++) {
    const marked = marks.has(index)
    const last = cut.at(-1)
    if (last?.marked === marked) last.text += title[index]
    else cut.push({ text: title[index] ?? '', marked })
  }
  return cut
}
