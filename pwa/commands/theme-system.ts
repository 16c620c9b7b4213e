import type { Command } from './command.ts'
import { setTheme } from './set-theme.ts'

/** Theme as the system. */
export const themeSystem: Command = {
  id: 'theme-system',
  title: 'Theme as the system',
  when: ({ app }) => app.settings.value.value.theme !== 'system',
  run: (desk) => setTheme.run(desk, 'system'),
}
