import type { Command } from './command.ts'

/** Shows what is kept in this browser, and how. */
export const showStorage: Command = {
  id: 'show-storage',
  title: 'What is kept in this browser',
  run({ view }) {
    view.sheet.value = { kind: 'storage' }
  },
}
