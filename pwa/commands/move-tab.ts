import type { Command } from './command.ts'

/** Moves a tab to a place in the row. */
export const moveTab: Command<{ id: string; to: number }> = {
  id: 'move-tab',
  title: 'Move tab',
  needsArgument: true,
  run({ app }, move) {
    if (move) app.tabs.move(move.id, move.to)
  },
}
