import type { Command } from './command.ts'

/** Moves the active tab one place to the left. */
export const moveTabLeft: Command = {
  id: 'move-tab-left',
  title: 'Move tab left',
  keys: ['Alt+Shift+PageUp'],
  when: ({ app }) => app.tabs.active.value !== undefined && app.tabs.tabs.value.length > 1,
  run({ app }) {
    const id = app.tabs.active.peek()
    const at = app.tabs.tabs.peek().findIndex((tab) => tab.id === id)
    if (id !== undefined) app.tabs.move(id, at - 1)
  },
}
