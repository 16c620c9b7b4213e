import type { Command } from './command.ts'

/** Lets all transfers go on that were paused. */
export const resumeTransfers: Command = {
  id: 'resume-transfers',
  title: 'Resume all transfers',
  when: ({ app }) => app.transfers.items.value.some(({ state }) => state === 'paused'),
  run: ({ app }) => app.transfers.resumeAll(),
}
