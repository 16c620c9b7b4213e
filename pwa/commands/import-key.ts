import type { Command } from './command.ts'

/** Takes a private key from its file into this browser. */
export const importKey: Command = {
  id: 'import-key',
  title: 'Import an SSH key',
  when: ({ app }) => app.secure,
  run({ view }) {
    view.sheet.value = { kind: 'import-key' }
  },
}
