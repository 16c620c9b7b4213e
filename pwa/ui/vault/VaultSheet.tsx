import { Fingerprint, KeyRound, ScrollText, Trash } from 'lucide'
import { addPasskey } from '../../commands/add-passkey.ts'
import { changePassphrase } from '../../commands/change-passphrase.ts'
import { exportData } from '../../commands/export-data.ts'
import { lockVault } from '../../commands/lock-vault.ts'
import { removePasskey } from '../../commands/remove-passkey.ts'
import { removeVault } from '../../commands/remove-vault.ts'
import { renewRecoveryCode } from '../../commands/renew-recovery-code.ts'
import { setUpVault } from '../../commands/set-up-vault.ts'
import { showStorage } from '../../commands/show-storage.ts'
import { unlockVault } from '../../commands/unlock-vault.ts'
import { sealedIn } from '../../model/vault.ts'
import type { VaultRecord } from '../../store/schema.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { Button, IconButton } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Dot } from '../kit/Dot.tsx'
import { Check, Choice } from '../kit/Field.tsx'
import { Icon } from '../kit/Icon.tsx'
import '../sheets/RelaysSheet.css'
import './Vault.css'

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

const waits = [
  { value: '5', text: 'After 5 minutes' },
  { value: '15', text: 'After 15 minutes' },
  { value: '60', text: 'After an hour' },
  { value: '480', text: 'After 8 hours' },
  { value: '0', text: 'Only when I say so' },
] as const

/** How the vault stands, what opens it, and when it locks. */
export default function VaultSheet({ close }: { close(): void }) {
  const desk = useDesk()
  const record = desk.app.vault.record.value
  return (
    <Dialog
      title="Vault"
      wide
      onClose={close}
      onSubmit={close}
      actions={
        <>
          <Button kind="bare" onClick={() => void desk.run(showStorage)}>
            What is kept here?
          </Button>
          <span class="rest" />
          {record && (
            <>
              <Button kind="danger" onClick={() => void desk.run(removeVault)}>
                Remove the vault…
              </Button>
              <Button onClick={() => void desk.run(exportData)}>Export a backup…</Button>
            </>
          )}
          <Button kind={record ? 'primary' : 'plain'} type="submit" autofocus={record !== undefined}>
            Done
          </Button>
          {!record && desk.can(setUpVault) && (
            <Button kind="primary" autofocus onClick={() => void desk.run(setUpVault)}>
              Set up a vault
            </Button>
          )}
        </>
      }
    >
      {record ? <Vault record={record} /> : <NoVault />}
    </Dialog>
  )
}

function NoVault() {
  const { app } = useDesk()
  const lost = sealedIn(app.identities.list.value).length
  return (
    <>
      {lost > 0 && (
        <p class="problem" role="alert">
          There was one: its record is damaged or gone, and {countText(lost, 'key or password', 'keys and passwords')}{' '}
          in it cannot be opened any more. Set up a vault, then import a backup.
        </p>
      )}
      <p>
        {app.secure
          ? 'There is none yet. Without one, a key that you add is kept by the browser, which gives it to nobody, but signs for anyone who can open this browser; passwords are not kept at all, you are asked each time.'
          : 'This page came over plain http, where browsers encrypt nothing. Open it over TLS or as localhost, or use the extension.'}
      </p>
      {app.secure && (
        <p>
          A vault encrypts keys, passwords and, if you wish, the logins to relays with a passphrase. It locks by itself,
          and you can still be asked each time for what you do not want to keep.
        </p>
      )}
    </>
  )
}

function Vault({ record }: { record: VaultRecord }) {
  const desk = useDesk()
  const { app } = desk
  const open = app.vault.state.value === 'open'
  const sealed = sealedIn(app.identities.list.value).length
  return (
    <>
      <ul class="relays">
        <li>
          <Dot state={open ? 'ok' : 'off'} />
          <div>
            <b>{open ? 'Open, in all windows' : 'Locked'}</b>
            <span>
              {sealed === 0 ? 'Nothing is in it yet' : countText(sealed, 'key or password', 'keys and passwords')} ·
              made {day.format(record.createdAt)}
            </span>
          </div>
          {open ? (
            <Button onClick={() => void desk.run(lockVault)}>Lock</Button>
          ) : (
            <Button onClick={() => void desk.run(unlockVault)}>Unlock</Button>
          )}
        </li>
      </ul>
      <Opens record={record} />
      <Locks />
    </>
  )
}

/** The ways in: each wraps the one key of the vault. */
function Opens({ record }: { record: VaultRecord }) {
  const desk = useDesk()
  return (
    <section class="vault-part">
      <h3>What opens it</h3>
      <ul class="relays">
        <li>
          <Icon of={KeyRound} />
          <div>
            <b>Passphrase</b>
            <span>{costText(record.passphrase.kdf)}</span>
          </div>
          <Button onClick={() => void desk.run(changePassphrase)}>Change…</Button>
        </li>
        <li>
          <Icon of={ScrollText} />
          <div>
            <b>Recovery code</b>
            <span>{record.recovery ? 'On your paper, for a forgotten passphrase' : 'None'}</span>
          </div>
          <Button onClick={() => void desk.run(renewRecoveryCode)}>New code…</Button>
        </li>
        {record.passkeys.map(({ id, label, rpId, createdAt }) => (
          <li key={id}>
            <Icon of={Fingerprint} />
            <div>
              <b>{label}</b>
              <span>
                Passkey for {rpId} since {day.format(createdAt)}
              </span>
            </div>
            <IconButton icon={Trash} name={`Remove ${label}`} onClick={() => void desk.run(removePasskey, id)} />
          </li>
        ))}
        {desk.can(addPasskey) && (
          <li>
            <Icon of={Fingerprint} />
            <div>
              <span>A passkey, by finger, face or PIN</span>
            </div>
            <Button onClick={() => void desk.run(addPasskey)}>Add…</Button>
          </li>
        )}
      </ul>
    </section>
  )
}

function costText(kdf: VaultRecord['passphrase']['kdf']): string {
  if (kdf.name === 'argon2id') return `Each guess costs ${Math.round(kdf.memory / 1024)} MiB of memory (Argon2id)`
  return `Each guess costs ${kdf.rounds.toLocaleString()} rounds (PBKDF2)`
}

function Locks() {
  const desk = useDesk()
  const { settings } = desk.app
  const now = settings.value.value
  const set = (change: Parameters<typeof settings.set>[0]) =>
    void settings.set(change).catch((error) => desk.view.fail(error))
  return (
    <section class="vault-part">
      <h3>When it locks</h3>
      <Choice
        label="When nothing is typed or clicked"
        value={waits.find(({ value }) => value === String(now.lockAfter))?.value ?? '15'}
        of={waits}
        onChange={(minutes) => set({ lockAfter: Number(minutes) })}
      />
      <div>
        <Check
          label="When no window of the app is to be seen"
          hint="It always locks when the last one is closed or reloaded."
          checked={now.lockWhenHidden}
          onChange={(lockWhenHidden) => set({ lockWhenHidden })}
        />
        <Check
          label="Cover terminals and files while it is locked"
          hint="Sessions go on behind the cover."
          checked={now.coverWhenLocked}
          onChange={(coverWhenLocked) => set({ coverWhenLocked })}
        />
        <Check
          label="Keep the logins to relays in the vault"
          hint="Then a relay can be reached again only while the vault is open."
          checked={now.sealTokens}
          onChange={(sealTokens) => set({ sealTokens })}
        />
      </div>
    </section>
  )
}
