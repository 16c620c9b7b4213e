import type { Settings } from '../store/schema.ts'
import type { Command } from './command.ts'

/** Chooses the theme. */
export const setTheme: Command<Settings['theme']> = {
  id: 'set-theme',
  title: 'Set theme',
  needsArgument: true,
  run: ({ app }, theme) => app.settings.set({ theme: theme ?? 'system' }),
}
