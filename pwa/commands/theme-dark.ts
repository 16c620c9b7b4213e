import type { Command } from './command.ts'
import { setTheme } from './set-theme.ts'

/** Dark theme. */
export const themeDark: Command = {
  id: 'theme-dark',
  title: 'Dark theme',
  when: ({ app }) => app.settings.value.value.theme !== 'dark',
  run: (desk) => setTheme.run(desk, 'dark'),
}
