import type { Command } from './command.ts'

/** Nobody is reminded of a backup for a month. */
export const putOffBackup: Command = {
  id: 'put-off-backup',
  title: 'Remind of a backup later',
  when: ({ app }) => app.backups.due.value,
  run: ({ app }) => app.backups.putOff(),
}
