/** Lines, and characters, of typed text that are shown. */
const bound = { lines: 6, characters: 400 }

/** Text that was typed as a person can read it; `hidden` counts the characters that there was no room for. */
export interface VisibleInput {
  text: string
  hidden: number
}

const named: Record<string, string> = { '\r': '⏎\n', '\n': '⏎\n', '\t': '⇥', '\u007f': '⌫' }

/**
 * Shows typed bytes in the visible form: Enter as ⏎ and a new line, control characters as `^C`, escape sequences as `^[[A`.
 * Pure.
 * @param data the beginning of what was typed; more than 4 KiB of it is never shown
 * @param count characters that were typed in all
 */
export function visibleInput(data: Uint8Array, count: number): VisibleInput {
  const characters = [...new TextDecoder().decode(data)]
  let text = ''
  let lines = 1
  let at = 0
  for (const character of characters) {
    if (at >= bound.characters || lines > bound.lines) break
    const shown = named[character] ?? caret(character)
    if (shown.endsWith('\n')) lines++
    text += shown
    at++
  }
  return { text: text.replace(/\n$/, ''), hidden: Math.max(0, count - at) }
}

/** C0 in caret notation (`^@` to `^_`); C1, format and line separators by their number, so that nothing hides or turns around. */
function caret(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character) ? `\\u{${code.toString(16)}}` : character
}
