import type { Command } from './command.ts'

/** Shows the app beside the pages of the browser. */
export const openSidePanel: Command = {
  id: 'open-side-panel',
  title: 'Open in the side panel',
  when: ({ app }) => app.platform.openSidePanel !== undefined,
  run: ({ app }) => app.platform.openSidePanel?.(),
}
