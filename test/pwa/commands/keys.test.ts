import { describe, expect, it } from 'vitest'
import { type KeyPress, matches, shortcutText } from '../../../pwa/commands/keys.ts'

const press = (of: Partial<KeyPress>): KeyPress => ({
  key: '',
  code: '',
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  metaKey: false,
  ...of,
})

describe('shortcuts', () => {
  it('take Mod for Ctrl+Shift, and for ⌘ on Apple', () => {
    const ctrlShiftP = press({ key: 'P', code: 'KeyP', ctrlKey: true, shiftKey: true })
    const metaP = press({ key: 'p', code: 'KeyP', metaKey: true })
    expect(matches('Mod+P', ctrlShiftP, false)).toBe(true)
    expect(matches('Mod+P', metaP, false)).toBe(false)
    expect(matches('Mod+P', metaP, true)).toBe(true)
    expect(matches('Mod+P', ctrlShiftP, true)).toBe(false)
  })

  it('leave the same key alone with one modifier less or more', () => {
    expect(matches('Mod+K', press({ key: 'k', code: 'KeyK', ctrlKey: true }), false)).toBe(false)
    const more = press({ key: 'K', code: 'KeyK', ctrlKey: true, shiftKey: true, altKey: true })
    expect(matches('Mod+K', more, false)).toBe(false)
  })

  it('go by the letter on the key: on Dvorak L is where P is on QWERTY', () => {
    const dvorakL = press({ key: 'L', code: 'KeyP', ctrlKey: true, shiftKey: true })
    expect(matches('Mod+L', dvorakL, false)).toBe(true)
    expect(matches('Mod+P', dvorakL, false)).toBe(false)
  })

  it('go by the place of the key where its letter is not Latin', () => {
    const cyrillic = press({ key: 'З', code: 'KeyP', ctrlKey: true, shiftKey: true })
    expect(matches('Mod+P', cyrillic, false)).toBe(true)
  })

  it('know digits and signs although Shift changes what they type', () => {
    expect(matches('Mod+1', press({ key: '!', code: 'Digit1', ctrlKey: true, shiftKey: true }), false)).toBe(true)
    expect(matches('Mod+,', press({ key: '<', code: 'Comma', ctrlKey: true, shiftKey: true }), false)).toBe(true)
    expect(matches('Alt+PageUp', press({ key: 'PageUp', code: 'PageUp', altKey: true }), false)).toBe(true)
  })

  it('are written as the platform writes them', () => {
    expect(shortcutText('Mod+P', false)).toBe('Ctrl Shift P')
    expect(shortcutText('Mod+P', true)).toBe('⌘P')
    expect(shortcutText('Alt+Shift+PageUp', false)).toBe('Alt Shift PageUp')
    expect(shortcutText('Alt+Shift+PageUp', true)).toBe('⌥⇧⇞')
  })
})
