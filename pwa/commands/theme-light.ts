import type { Command } from './command.ts'
import { setTheme } from './set-theme.ts'

/** Light theme. */
export const themeLight: Command = {
  id: 'theme-light',
  title: 'Light theme',
  when: ({ app }) => app.settings.value.value.theme !== 'light',
  run: (desk) => setTheme.run(desk, 'light'),
}
