import { activeScreen } from './activeTab.ts'
import type { Command } from './command.ts'

/** Pastes the clipboard into the terminal. */
export const paste: Command = {
  id: 'paste',
  title: 'Paste',
  keys: ['Mod+V'],
  keysIn: 'native',
  when: (desk) => activeScreen(desk) !== undefined,
  async run(desk) {
    const screen = activeScreen(desk)
    let text: string
    try {
      text = await navigator.clipboard.readText()
    } catch {
      const keys = desk.app.platform.apple ? '⌘V' : 'Ctrl V'
      desk.view.say(`The browser did not allow reading the clipboard. Try ${keys} in the terminal.`, 'failure')
      return
    }
    await screen?.paste(text)
  },
}
