import type { Desk } from '../commands/desk.ts'
import { commands } from '../commands/index.ts'
import { matches } from '../commands/keys.ts'
import { openPalette } from '../commands/open-palette.ts'

/**
 * Takes the keys of commands for the whole window, before any element has them; all others go where the focus is, so the
 * shell gets Ctrl+C, Ctrl+K, Ctrl+R and Ctrl+W. While a dialog is open they do nothing, but
 * the palette's own closes it. Returns what ends it.
 */
export function listenForKeys(desk: Desk): () => void {
  const { apple } = desk.app.platform
  const pressed = (event: KeyboardEvent) => {
    if (event.isComposing) return
    const inTerminal = event.target instanceof Element && event.target.closest('.terminal-place') !== null
    const command = commands.find(
      (one) =>
        one.keysIn !== 'native' &&
        (one.keysIn !== 'terminal' || inTerminal) &&
        desk.shortcuts(one).some((shortcut) => matches(shortcut, event, apple)),
    )
    if (!command || (command.keysIn === 'terminal' && !desk.can(command) && apple)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (!document.querySelector('dialog[open]')) void desk.run(command)
    else if (command === openPalette && desk.view.sheet.peek()?.kind === 'palette') desk.view.sheet.value = undefined
  }
  addEventListener('keydown', pressed, { capture: true })
  return () => removeEventListener('keydown', pressed, { capture: true })
}
