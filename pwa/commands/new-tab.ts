import type { Command } from './command.ts'

/** Shows the home tab, where a new one begins. */
export const newTab: Command = {
  id: 'new-tab',
  title: 'New tab',
  keys: ['Mod+Enter'],
  run({ app, view }) {
    view.homeText.value = ''
    app.tabs.activate(undefined)
  },
}
