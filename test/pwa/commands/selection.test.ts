import { signal } from '@preact/signals'
import { beforeEach, describe, expect, it } from 'vitest'
import { Selection } from '../../../pwa/commands/selection.ts'
import type { FileInfo } from '../../../shared/fileInfo.ts'

const file = (name: string): FileInfo => ({
  name,
  path: `/${name}`,
  size: 1,
  type: 'file',
  permissions: '-rw-r--r--',
  owner: 'me',
  group: 'me',
  modifiedAt: new Date(0),
})
const all = ['a', 'b', 'c', 'd', 'e'].map(file)

describe('Selection', () => {
  const shown = signal<readonly FileInfo[]>(all)
  let selection: Selection
  const selected = () => [...selection.selected.value].sort().join('')
  const chosen = () =>
    selection
      .chosen()
      .map(({ name }) => name)
      .join('')

  beforeEach(() => {
    shown.value = all
    selection = new Selection(shown)
  })

  it('is about the selected, or else about the current one', () => {
    expect(chosen()).toBe('')
    selection.stand('b')
    expect([selected(), chosen()]).toEqual(['', 'b'])
    selection.select(['d', 'c'])
    // In the order shown.
    expect([selected(), chosen(), selection.current.value]).toEqual(['cd', 'cd', 'c'])
    selection.select([])
    expect([chosen(), selection.current.value]).toEqual(['', undefined])
  })

  it('selects ranges from where the last step ended, as far as they reach now', () => {
    selection.select(['c'])
    selection.selectTo('e')
    expect(selected()).toBe('cde')
    selection.selectTo('b')
    expect([selected(), selection.current.value]).toEqual(['bc', 'b'])
    selection.stand('e')
    selection.selectTo('d')
    expect(selected()).toBe('de')
  })

  it('adds a range to what was selected, and takes single ones in and out', () => {
    selection.select(['a'])
    selection.toggle('c')
    selection.selectTo('d', true)
    expect(selected()).toBe('acd')
    selection.selectTo('c', true)
    expect(selected()).toBe('ac')
    selection.toggle('a')
    expect(selected()).toBe('c')
  })

  it('begins a range at its end where nothing is current', () => {
    selection.selectTo('b')
    expect(selected()).toBe('b')
    selection.selectTo('d')
    expect(selected()).toBe('bcd')
    selection.selectTo('gone')
    expect(selected()).toBe('bcd')
  })

  it('counts only what is shown as chosen, and what a filter leaves out again when it is shown', () => {
    selection.select(['a', 'e'])
    shown.value = all.slice(0, 3)
    expect([selected(), chosen()]).toEqual(['ae', 'a'])
    shown.value = [file('b')]
    // Nothing of what would be lost without being seen.
    expect(chosen()).toBe('')
    shown.value = all
    expect(chosen()).toBe('ae')
  })

  it('selects all, the others, none', () => {
    selection.select(['a', 'b'])
    selection.invert()
    expect(selected()).toBe('cde')
    selection.selectAll()
    expect(selected()).toBe('abcde')
    selection.selectNone()
    expect([selected(), selection.current.value]).toEqual(['', 'b'])
  })

  it('ends selecting by taps with the last that is selected', () => {
    selection.selecting.value = true
    selection.toggle('a')
    selection.toggle('b')
    selection.toggle('a')
    expect(selection.selecting.value).toBe(true)
    selection.toggle('b')
    expect(selection.selecting.value).toBe(false)
  })

  it('forgets what is gone', () => {
    selection.select(['a', 'b'])
    selection.keepOnly(new Set(['b', 'c']))
    expect(selected()).toBe('b')
  })
})
