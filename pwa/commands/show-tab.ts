import type { Command } from './command.ts'

/** Shows a tab. */
export const showTab: Command<string> = {
  id: 'show-tab',
  title: 'Show tab',
  needsArgument: true,
  run({ app }, id) {
    app.tabs.activate(id)
  },
}
