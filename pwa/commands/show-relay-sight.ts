import type { Command } from './command.ts'

/** Shows what a relay can see and do, and what it cannot. */
export const showRelaySight: Command = {
  id: 'show-relay-sight',
  title: 'What a relay can see',
  run({ view }) {
    view.sheet.value = { kind: 'relay-sight' }
  },
}
