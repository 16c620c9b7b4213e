import type { Command } from '../commands/command.ts'
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
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return
    const at = event.target instanceof Element ? event.target : undefined
    const holds = {
      terminal: () => at?.closest('.terminal-place') != null,
      // A field or an editor in the pane has keys of its own, and what cannot be done leaves its key to the list.
      files: (one: Command) =>
        at?.closest('.files-pane') != null &&
        !at.matches('input, textarea, select') &&
        !(at instanceof HTMLElement && at.isContentEditable) &&
        desk.can(one),
      native: () => false,
    }
    const pressed = commands.filter(
      (one) =>
        (one.keysIn === undefined || holds[one.keysIn](one)) &&
        desk.shortcuts(one).some((shortcut) => matches(shortcut, event, apple)),
    )
    // What holds here only goes before what holds everywhere.
    const command = pressed.find((one) => one.keysIn !== undefined) ?? pressed[0]
    if (!command || (command.keysIn === 'terminal' && !desk.can(command) && apple)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (!document.querySelector('dialog[open]')) void desk.run(command)
    else if (command === openPalette && desk.view.sheet.peek()?.kind === 'palette') desk.view.sheet.value = undefined
  }
  addEventListener('keydown', press, { capture: true })
  return () => removeEventListener('keydown', press, { capture: true })
}
