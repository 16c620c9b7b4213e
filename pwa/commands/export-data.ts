import type { Command } from './command.ts'

/** Saves everything that is kept here as one encrypted file. */
export const exportData: Command = {
  id: 'export-data',
  title: 'Export a backup',
  when: ({ app }) => app.secure,
  run({ view }) {
    view.sheet.value = { kind: 'export' }
  },
}
