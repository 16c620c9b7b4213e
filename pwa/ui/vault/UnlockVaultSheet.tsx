import { Fingerprint, LockKeyhole } from 'lucide'
import { useState } from 'preact/hooks'
import { passkeysHere } from '../../model/passkey.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'
import { useSteadyNow } from '../seconds.ts'
import { useNewPassphrase } from './useNewPassphrase.tsx'
import { useWork } from './useWork.ts'
import './Vault.css'

/** Asks for what opens the vault. Over a `cover` nothing else can be reached until it is open. */
export default function UnlockVaultSheet({ cover }: { cover: boolean }) {
  const [forgotten, forget] = useState(false)
  return forgotten ? (
    <Recover back={() => forget(false)} cover={cover} />
  ) : (
    <Unlock forgot={() => forget(true)} cover={cover} />
  )
}

function Unlock({ forgot, cover }: { forgot(): void; cover: boolean }) {
  const { app } = useDesk()
  const { vault } = app
  const [passphrase, type] = useState('')
  const { busy, failure, problem, run } = useWork()
  const wait = useWait()
  const { rpId = '' } = vault.record.value?.passkeys.find((one) => one.rpId === location.hostname) ?? {}
  const decline = () => {
    if (!cover) vault.decline()
  }
  return (
    <Dialog
      title="Unlock the vault"
      cover={cover}
      onClose={decline}
      onSubmit={() => {
        if (wait === 0) run(() => vault.unlock(passphrase))
      }}
      actions={
        <>
          <Button kind="bare" onClick={forgot}>
            Forgotten?
          </Button>
          <span class="rest" />
          {!cover && <Button onClick={decline}>Cancel</Button>}
          <Button kind="primary" type="submit" icon={LockKeyhole} disabled={busy || wait > 0 || !passphrase}>
            {busy ? 'Unlocking…' : 'Unlock'}
          </Button>
        </>
      }
    >
      <p>Your keys and passwords are in it. What is open goes on either way.</p>
      <Field
        label="Passphrase"
        type="password"
        autocomplete="current-password"
        autofocus
        hint={wait > 0 ? `It can be tried again in ${wait} s.` : undefined}
        error={wait > 0 && failure?.code === 'vault-wait' ? undefined : problem && withWait(problem, wait)}
        value={passphrase}
        onInput={(event) => type(event.currentTarget.value)}
      />
      {rpId && passkeysHere() && (
        <Button icon={Fingerprint} disabled={busy} onClick={() => run(() => vault.unlockWithPasskey())}>
          Use a passkey
        </Button>
      )}
    </Dialog>
  )
}

function withWait(problem: string, wait: number): string {
  return wait > 0 ? `${problem} It can be tried again in ${wait} s.` : problem
}

/** Whole seconds until a passphrase may be tried. */
function useWait(): number {
  const { vault } = useDesk().app
  useSteadyNow()
  // Read so that a wrong passphrase, here or in another window, shows at once.
  void vault.record.value
  return Math.ceil(Math.max(0, vault.notBefore() - Date.now()) / 1000)
}

function Recover({ back, cover }: { back(): void; cover: boolean }) {
  const { app, view } = useDesk()
  const [code, type] = useState('')
  const { fields, value } = useNewPassphrase('New passphrase', false)
  const { busy, failure, problem, run } = useWork()
  const submit = () => {
    if (value === undefined) return
    run(async () => {
      await app.vault.recover(code, value)
      view.say('The vault has a new passphrase')
    })
  }
  return (
    <Dialog
      title="Unlock with the recovery code"
      cover={cover}
      onClose={back}
      onSubmit={submit}
      actions={
        <>
          <Button onClick={back}>Back</Button>
          <Button kind="primary" type="submit" disabled={busy || !code || value === undefined}>
            {busy ? 'Unlocking…' : 'Unlock'}
          </Button>
        </>
      }
    >
      <p>
        The vault is then given another passphrase. Without passphrase, passkey and code nobody can open it; then remove
        it and import a backup.
      </p>
      <Field
        label="Recovery code"
        mono
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        autofocus
        placeholder="0000-0000-0000-0000-0000-0000-0000"
        error={
          failure?.code === 'vault-refused' ? 'This is the recovery code of another vault, or an older one.' : problem
        }
        value={code}
        onInput={(event) => type(event.currentTarget.value)}
      />
      {fields}
    </Dialog>
  )
}
