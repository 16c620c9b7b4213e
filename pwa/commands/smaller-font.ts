import type { Command } from './command.ts'

/** Makes the type of the terminal smaller. */
export const smallerFont: Command = {
  id: 'smaller-font',
  title: 'Smaller type',
  keys: ['Mod+-'],
  run: ({ app }) => app.settings.set({ fontSize: Math.max(6, app.settings.value.peek().fontSize - 1) }),
}
