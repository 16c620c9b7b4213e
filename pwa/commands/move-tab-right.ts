import type { Command } from './command.ts'

/** Moves the active tab one place to the right. */
export const moveTabRight: Command = {
  id: 'move-tab-right',
  title: 'Move tab right',
  keys: ['Alt+Shift+PageDown'],
  when: ({ app }) => app.tabs.active.value !== undefined && app.tabs.tabs.value.length > 1,
  run({ app }) {
    const id = app.tabs.active.peek()
    const at = app.tabs.tabs.peek().findIndex((tab) => tab.id === id)
    if (id !== undefined) app.tabs.move(id, at + 1)
  },
}
