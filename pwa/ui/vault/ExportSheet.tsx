import { Download } from 'lucide'
import { saveFile } from '../../commands/saveFile.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { useNewPassphrase } from './useNewPassphrase.tsx'
import { useWork } from './useWork.ts'
import './Vault.css'

/** Saves a backup under a passphrase of its own. */
export default function ExportSheet({ close }: { close(): void }) {
  const { app, view } = useDesk()
  const { fields, value } = useNewPassphrase('Passphrase of the backup', true)
  const { busy, problem, run } = useWork()
  const submit = () => {
    if (value === undefined) return
    run(async () => {
      const text = await app.backups.write(value)
      saveFile(`fairlead-${new Date().toISOString().slice(0, 10)}.backup.json`, 'application/json', text)
      await app.backups.saved()
      view.say('Exported a backup')
      close()
    })
  }
  const bound = app.backups.bound.value
  return (
    <Dialog
      title="Export a backup"
      onClose={close}
      onSubmit={submit}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" icon={Download} disabled={busy || value === undefined}>
            {busy ? 'Encrypting…' : 'Export'}
          </Button>
        </>
      }
    >
      <p>
        One encrypted file with your hosts, known hosts, relays, settings, and the keys and passwords of the vault.
        Logins to relays are not in it.
      </p>
      {bound.length > 0 && (
        <p>
          {countText(bound.length, 'key is', 'keys are')} kept by this browser, which gives none out:{' '}
          {bound.map(({ label }) => label).join(', ')}. Of these the backup has the public half only.
        </p>
      )}
      {fields}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  )
}
