import { FileLock2 } from 'lucide'
import { useRef, useState } from 'preact/hooks'
import { setUpVault } from '../../commands/set-up-vault.ts'
import { BACKUP_MAX, checkBackup } from '../../model/backup.ts'
import { type BackupMerge, type Conflict, countKinds, needsVault } from '../../model/backupMerge.ts'
import { Failed } from '../../model/failure.ts'
import { useDesk } from '../desk.ts'
import { countText, dateText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Check, Field } from '../kit/Field.tsx'
import { useWork } from './useWork.ts'
import './Vault.css'

/** Takes in a backup: the file and its passphrase, then what it would do, then that. */
export default function ImportSheet({ close }: { close(): void }) {
  const [merge, show] = useState<BackupMerge>()
  return merge ? <Merge merge={merge} close={close} /> : <Choose show={show} close={close} />
}

function Choose({ show, close }: { show(merge: BackupMerge): void; close(): void }) {
  const { app } = useDesk()
  const [file, take] = useState<{ name: string; text: string }>()
  const [passphrase, type] = useState('')
  const picker = useRef<HTMLInputElement>(null)
  const { busy, failure, problem, run } = useWork()
  const read = (chosen: File | undefined) => {
    if (!chosen) return
    run(async () => {
      take(undefined)
      if (chosen.size > BACKUP_MAX) throw new Failed('not-a-backup')
      const text = await chosen.text()
      checkBackup(text)
      take({ name: chosen.name, text })
    })
  }
  const submit = () => {
    if (file) run(async () => show(await app.backups.read(file.text, passphrase)))
  }
  const aboutPassphrase = failure?.code === 'backup-refused'
  return (
    <Dialog
      title="Import a backup"
      onClose={close}
      onSubmit={submit}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy || !file || !passphrase}>
            {busy && file ? 'Opening…' : 'Open'}
          </Button>
        </>
      }
    >
      <p>You see what it would change before anything is written.</p>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a larger mark for the button in it, by mouse only */}
      <div
        class="backup-drop"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault()
          read(event.dataTransfer?.files[0])
        }}
      >
        <Button icon={FileLock2} onClick={() => picker.current?.click()} autofocus>
          {file ? 'Choose another' : 'Choose the file'}
        </Button>
        <span>{file ? file.name : 'or drop it here'}</span>
        <input
          ref={picker}
          type="file"
          hidden
          accept=".json,application/json"
          aria-label="Backup file"
          onChange={(event) => read(event.currentTarget.files?.[0])}
        />
      </div>
      {problem && !aboutPassphrase && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <Field
        label="Passphrase of the backup"
        type="password"
        autocomplete="off"
        error={aboutPassphrase ? problem : undefined}
        value={passphrase}
        onInput={(event) => type(event.currentTarget.value)}
      />
    </Dialog>
  )
}

function kindsText(steps: BackupMerge['added']): string {
  return countKinds(steps)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => countText(count, kind))
    .join(', ')
}

function Merge({ merge, close }: { merge: BackupMerge; close(): void }) {
  const desk = useDesk()
  const { app, view } = desk
  const [taken, choose] = useState<ReadonlySet<string>>(new Set())
  const [settings, wantSettings] = useState(app.store.settings.items.peek().length === 0)
  const { busy, problem, run } = useWork()
  const noVault = app.vault.state.value === 'none' && needsVault(merge.added)
  const secrets = app.vault.state.value !== 'none'
  const added = merge.added.filter((step) => secrets || !needsVault([step]))
  const nothing = added.length + taken.size === 0 && !settings
  const submit = () =>
    run(async () => {
      const count = await app.backups.apply(merge, taken, { settings, secrets })
      view.say(`Imported ${countText(count, 'entry', 'entries')}`)
      close()
    })
  const toggle = ({ id }: Conflict, take: boolean) => {
    const next = new Set(taken)
    if (take) next.add(id)
    else next.delete(id)
    choose(next)
  }
  return (
    <Dialog
      title={`Backup of ${dateText(new Date(merge.createdAt), new Date())}`}
      wide
      onClose={close}
      onSubmit={submit}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy || nothing}>
            {busy ? 'Importing…' : 'Import'}
          </Button>
        </>
      }
    >
      <p>
        {merge.added.length > 0 ? `New here: ${kindsText(merge.added)}.` : 'There is nothing new in it.'}
        {merge.same > 0 && ` ${countText(merge.same, 'entry is', 'entries are')} here already, just so.`}
      </p>
      {noVault && (
        <div class="backup-note">
          <p>
            The keys and passwords in it need a vault, which this browser does not have yet. Without one they are left
            out; the backup can be imported again later.
          </p>
          <Button onClick={() => void desk.run(setUpVault)}>Set up a vault first</Button>
        </div>
      )}
      {merge.without.length > 0 && (
        <p>Left out, since only the browser where they were made has their secret: {merge.without.join(', ')}.</p>
      )}
      {merge.conflicts.length > 0 && (
        <section class="vault-part">
          <h3>Different here</h3>
          <p>What is here stays, unless you check it.</p>
          <div class="backup-conflicts">
            {merge.conflicts.map((conflict) => (
              <Check
                key={conflict.id}
                label={`Take ${conflict.label} from the backup`}
                hint={`Here: ${conflict.here}. In the backup: ${conflict.there}.`}
                checked={taken.has(conflict.id)}
                onChange={(take) => toggle(conflict, take)}
              />
            ))}
          </div>
        </section>
      )}
      {merge.settings && <Check label="Take the settings too" checked={settings} onChange={wantSettings} />}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  )
}
