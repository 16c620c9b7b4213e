import type { Command } from './command.ts'

/** Shows the tab after the active one; from the last on to the first. */
export const nextTab: Command = {
  id: 'next-tab',
  title: 'Next tab',
  keys: ['Alt+PageDown'],
  appleKeys: ['Meta+Shift+]', 'Alt+PageDown'],
  when: ({ app }) => app.tabs.tabs.value.length > 0,
  run({ app }) {
    const tabs = app.tabs.tabs.peek()
    const at = tabs.findIndex((tab) => tab.id === app.tabs.active.peek())
    app.tabs.activate(tabs.at((at + 1) % tabs.length)?.id)
  },
}
