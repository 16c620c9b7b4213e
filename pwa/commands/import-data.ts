import type { Command } from './command.ts'

/** Takes in what a backup holds. */
export const importData: Command = {
  id: 'import-data',
  title: 'Import a backup',
  when: ({ app }) => app.secure,
  run({ view }) {
    view.sheet.value = { kind: 'import' }
  },
}
