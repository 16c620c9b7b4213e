import type { Command } from './command.ts'

/** Wraps long lines of files, or lets them run out of sight; kept for all files. */
export const wrapLines: Command = {
  id: 'wrap-lines',
  title: ({ app }) => (app.settings.value.value.wrapLines ? 'Do not wrap lines of files' : 'Wrap lines of files'),
  run: ({ app }) => app.settings.set({ wrapLines: !app.settings.value.peek().wrapLines }),
}
