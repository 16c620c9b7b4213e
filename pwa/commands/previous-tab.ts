import type { Command } from './command.ts'

/** Shows the tab before the active one; from the first on to the last. */
export const previousTab: Command = {
  id: 'previous-tab',
  title: 'Previous tab',
  keys: ['Alt+PageUp'],
  appleKeys: ['Meta+Shift+[', 'Alt+PageUp'],
  when: ({ app }) => app.tabs.tabs.value.length > 0,
  run({ app }) {
    const tabs = app.tabs.tabs.peek()
    const at = tabs.findIndex((tab) => tab.id === app.tabs.active.peek())
    app.tabs.activate(tabs.at(Math.max(at, 0) - 1)?.id)
  },
}
