import type { Command } from './command.ts'

/** Makes the type of the terminal larger. */
export const largerFont: Command = {
  id: 'larger-font',
  title: 'Larger type',
  keys: ['Mod+='],
  run: ({ app }) => app.settings.set({ fontSize: Math.min(40, app.settings.value.peek().fontSize + 1) }),
}
