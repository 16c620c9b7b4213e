import { describe, expect, it } from 'vitest'
import { matchItems, type PaletteItem, pieces } from '../../../../pwa/ui/palette/choices.ts'

const items: PaletteItem[] = [
  { id: '1', group: 'Tabs', title: 'web1: ~/site', detail: 'me@web1.lan' },
  { id: '2', group: 'Commands', title: 'Show files' },
  { id: '3', group: 'Commands', title: 'Find in the terminal' },
  { id: '4', group: 'Hosts', title: 'uplink-router', detail: 'admin@192.168.1.1 via home' },
]
const found = (text: string) => matchItems(items, text).map(({ item }) => item.id)

describe('matchItems', () => {
  it('gives everything in its order before anything is typed', () => {
    expect(found('  ')).toEqual(['1', '2', '3', '4'])
  })

  it('finds by a few letters, in order and apart', () => {
    expect(found('shfi')[0]).toBe('2')
    expect(found('router')).toEqual(['4'])
  })

  it('finds by what stands beside the title', () => {
    expect(found('192.168')).toEqual(['4'])
  })

  it('keeps each group together', () => {
    const groups = matchItems(items, 'i').map(({ item }) => item.group)
    expect(groups).toEqual([...new Set(groups)].flatMap((group) => groups.filter((one) => one === group)))
  })

  it('finds nothing for what nothing is called', () => {
    expect(found('qqqq')).toEqual([])
  })
})

describe('pieces', () => {
  it('cuts a title where the marks begin and end, without losing a letter', () => {
    expect(pieces('Show files', new Set([5, 6]))).toEqual([
      { text: 'Show ', marked: false },
      { text: 'fi', marked: true },
      { text: 'les', marked: false },
    ])
    expect(pieces('', new Set())).toEqual([])
  })
})
