import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commands } from '../../../pwa/commands/index.ts'
import { matches, shortcutText } from '../../../pwa/commands/keys.ts'

const folder = new URL('../../../pwa/commands/', import.meta.url)
const shortcutsOn = (apple: boolean) =>
  commands.flatMap((command) => {
    const keys = (apple ? command.appleKeys : undefined) ?? command.keys ?? []
    return keys.map((shortcut) => ({
      id: command.id,
      shortcut,
      text: shortcutText(shortcut, apple),
      /** What holds in one place only goes before what holds everywhere. */
      place: command.keysIn === 'terminal' || command.keysIn === 'files' ? command.keysIn : 'everywhere',
    }))
  })

describe('the list of commands', () => {
  it('has every command once, under the id that its file is named by', () => {
    const ids = commands.map((command) => command.id).filter((id) => !/^go-to-tab-\d$/.test(id))
    const files = readdirSync(folder).map((name) => name.replace(/\.ts$/, ''))
    expect(new Set(ids).size).toBe(ids.length)
    // Commands are the files of two words and more, and those of one verb that needs no noun.
    const named = files.filter(
      (name) =>
        (name.includes('-') || /^(connect|copy|disconnect|paste|reconnect)$/.test(name)) && name !== 'go-to-tab',
    )
    expect(ids.toSorted()).toEqual(named.toSorted())
  })

  it('gives no two commands the same key, on neither kind of keyboard', () => {
    for (const apple of [false, true]) {
      const all = shortcutsOn(apple)
      const clash = (a: (typeof all)[number], b: (typeof all)[number]) =>
        a !== b && a.text === b.text && a.place === b.place
      expect(all.filter((one) => all.some((other) => clash(one, other)))).toEqual([])
    }
  })

  it('leaves the keys of shells and editors alone: Ctrl, Alt or no modifier with a letter, and the function keys', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz'.split('')
    const plain = [
      ...letters.flatMap((key) => [{ key, ctrlKey: true }, { key, altKey: true }, { key }]),
      ...Array.from({ length: 12 }, (_, index) => ({ key: `F${index + 1}` })),
      ...['Enter', 'Escape', 'Tab', 'Backspace', 'ArrowUp', 'ArrowLeft', 'PageUp', 'Home'].map((key) => ({ key })),
    ]
    for (const apple of [false, true]) {
      for (const of of plain) {
        const code = /^[a-z]$/.test(of.key) ? `Key${of.key.toUpperCase()}` : of.key
        const press = { code, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...of }
        const taken = shortcutsOn(apple).filter(
          ({ shortcut, place }) => place !== 'files' && matches(shortcut, press, apple),
        )
        expect(taken, JSON.stringify(press)).toEqual([])
      }
    }
  })

  it('uses no key that Chromium or Firefox keeps for itself', () => {
    const kept = ['Ctrl Shift N', 'Ctrl Shift T', 'Ctrl Shift W', 'Ctrl Shift Q', 'Ctrl PageUp', 'Ctrl PageDown']
    expect(shortcutsOn(false).filter(({ text }) => kept.includes(text))).toEqual([])
    const keptByMac = ['⌘N', '⌘T', '⌘W', '⌘Q', '⌘H', '⌘M', '⇧⌘N', '⇧⌘T', '⇧⌘W']
    expect(shortcutsOn(true).filter(({ text }) => keptByMac.includes(text))).toEqual([])
  })

  it('has titles in sentence case without an exclamation mark', () => {
    for (const { title } of commands) {
      if (typeof title === 'string') expect(title).toMatch(/^[A-Z][^!]*[^!.]$/)
    }
  })
})
