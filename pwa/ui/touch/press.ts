const keyCodes: Record<string, number> = {
  Tab: 9,
  Escape: 27,
  PageUp: 33,
  PageDown: 34,
  End: 35,
  Home: 36,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
}

/** Presses a key of the terminal, which alone knows what the program wants to get for it. */
export function pressKey(terminal: HTMLElement, key: string, held: { ctrl: boolean; alt: boolean }): void {
  const press = { key, code: key, keyCode: keyCodes[key] ?? 0, ctrlKey: held.ctrl, altKey: held.alt, bubbles: true }
  terminal.dispatchEvent(new KeyboardEvent('keydown', { ...press, cancelable: true }))
  terminal.dispatchEvent(new KeyboardEvent('keyup', press))
}

/** The control character of a key: `c` is ETX (3), `[` is Escape, a space is NUL; undefined where there is none. */
export function controlCharacter(text: string): string | undefined {
  if (text === ' ') return '\0'
  if (text === '?') return '\x7f'
  const code = text.toUpperCase().charCodeAt(0)
  return text.length === 1 && code >= 64 && code < 96 ? String.fromCharCode(code - 64) : undefined
}
