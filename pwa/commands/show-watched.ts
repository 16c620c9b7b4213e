import type { Command } from './command.ts'

/** Shows which files are open in programs of this device. */
export const showWatched: Command = {
  id: 'show-watched',
  title: 'Files open in other programs',
  when: ({ view }) => view.watched.value.length > 0,
  run({ view }) {
    view.sheet.value = { kind: 'watched-files' }
  },
}
