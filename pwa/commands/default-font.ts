import type { Command } from './command.ts'

/** Gives the type of the terminal its usual size. */
export const defaultFont: Command = {
  id: 'default-font',
  title: 'Default type size',
  keys: ['Mod+0'],
  run: ({ app }) => app.settings.set({ fontSize: 13.5 }),
}
