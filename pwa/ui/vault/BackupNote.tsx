import { Archive } from 'lucide'
import { exportData } from '../../commands/export-data.ts'
import { importData } from '../../commands/import-data.ts'
import { putOffBackup } from '../../commands/put-off-backup.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Icon } from '../kit/Icon.tsx'
import './BackupNote.css'

/** On the home tab, where there is something to lose and no backup of late. */
export function BackupNote() {
  const desk = useDesk()
  const { backups, settings } = desk.app
  if (!backups.due.value) return null
  return (
    <section class="backup-due" aria-label="Backup">
      <Icon of={Archive} />
      <div>
        <b>{settings.value.value.backedUpAt === undefined ? 'There is no backup' : 'The last backup is old'}</b>
        <p>What you saved lives in this browser only. If its data is cleared, it is gone.</p>
      </div>
      <Button onClick={() => void desk.run(putOffBackup)}>Later</Button>
      <Button onClick={() => void desk.run(exportData)}>Export…</Button>
    </section>
  )
}

/** On the home tab of a browser that is new, or whose data was cleared: the way back to what was. */
export function NothingHere() {
  const desk = useDesk()
  if (!desk.app.backups.nothingHere.value || !desk.can(importData)) return null
  return (
    <p class="nothing-here">
      Nothing is saved in this browser yet.
      <Button kind="bare" onClick={() => void desk.run(importData)}>
        Import a backup
      </Button>
    </p>
  )
}
