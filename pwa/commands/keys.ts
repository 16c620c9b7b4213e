/**
 * A shortcut: modifiers and a key joined by `+`, e.g. `Mod+P`, `Alt+PageUp`. `Mod` is ⌘ on Apple and Ctrl+Shift elsewhere,
 * where Ctrl alone belongs to the shell.
 */
export type Shortcut = string

interface Chord {
  ctrl: boolean
  alt: boolean
  shift: boolean
  meta: boolean
  key: string
}

/** What of a keyboard event a shortcut looks at. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey'>

function readShortcut(shortcut: Shortcut, apple: boolean): Chord {
  const parts = shortcut.split('+')
  const key = parts.pop() || '+'
  const mod = parts.includes('Mod')
  return {
    ctrl: parts.includes('Ctrl') || (mod && !apple),
    alt: parts.includes('Alt'),
    shift: parts.includes('Shift') || (mod && !apple),
    meta: parts.includes('Meta') || (mod && apple),
    key,
  }
}

const codes: Record<string, string> = {
  ',': 'Comma',
  '.': 'Period',
  '/': 'Slash',
  '-': 'Minus',
  '=': 'Equal',
}

/** The physical key, for what Shift changes (digits, signs) and for layouts without Latin letters. */
function codeOf(key: string): string {
  if (/^[A-Z]$/.test(key)) return `Key${key}`
  if (/^\d$/.test(key)) return `Digit${key}`
  return codes[key] ?? key
}

/** Whether a key press is this shortcut. Letters go by what is printed on the key, where that is a Latin letter. */
export function matches(shortcut: Shortcut, press: KeyPress, apple: boolean): boolean {
  const chord = readShortcut(shortcut, apple)
  if (chord.ctrl !== press.ctrlKey || chord.alt !== press.altKey) return false
  if (chord.shift !== press.shiftKey || chord.meta !== press.metaKey) return false
  const letter = /^[A-Z]$/.test(chord.key) && /^[a-z]$/i.test(press.key)
  return letter ? press.key.toUpperCase() === chord.key : press.code === codeOf(chord.key)
}

const appleSigns: Record<string, string> = {
  Enter: '↩',
  PageUp: '⇞',
  PageDown: '⇟',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
}

/** The shortcut as it is written on this platform: `⇧⌘P` on Apple, `Ctrl Shift P` elsewhere. */
export function shortcutText(shortcut: Shortcut, apple: boolean): string {
  const chord = readShortcut(shortcut, apple)
  const key = chord.key.replace('Arrow', '')
  if (apple) {
    const signs = [chord.ctrl && '⌃', chord.alt && '⌥', chord.shift && '⇧', chord.meta && '⌘']
    return signs.filter(Boolean).join('') + (appleSigns[chord.key] ?? key)
  }
  const names = [chord.ctrl && 'Ctrl', chord.alt && 'Alt', chord.shift && 'Shift', chord.meta && 'Meta', key]
  return names.filter(Boolean).join(' ')
}
