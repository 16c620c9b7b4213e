import type { Command } from './command.ts'

/** Takes the new version that waits; open sessions are taken up again. */
export const updateApp: Command = {
  id: 'update-app',
  title: 'Update the app',
  when: ({ app }) => app.platform.update.value !== undefined,
  run({ app }) {
    app.platform.update.peek()?.apply()
  },
}
