import { useState } from 'preact/hooks'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { RecoveryCode } from './RecoveryCode.tsx'
import { useNewPassphrase } from './useNewPassphrase.tsx'
import { useWork } from './useWork.ts'

/** Makes the vault: a passphrase, then the recovery code. */
export default function SetUpVaultSheet({ close }: { close(): void }) {
  const { app } = useDesk()
  const [code, show] = useState<string>()
  const [kept, keep] = useState(false)
  const { fields, value, clear } = useNewPassphrase('Passphrase', true)
  const { busy, problem, run } = useWork()
  if (code !== undefined) {
    return (
      <Dialog
        title="Keep the recovery code"
        shape="card"
        // A slip of the pointer must not take away what is shown once.
        onClose={() => kept && close()}
        onSubmit={() => kept && close()}
        actions={
          <Button kind="primary" type="submit" disabled={!kept}>
            Done
          </Button>
        }
      >
        <RecoveryCode code={code} kept={kept} onKept={keep} />
      </Dialog>
    )
  }
  const submit = () => {
    if (value === undefined) return
    run(async () => {
      show(await app.vault.setUp(value))
      clear()
    })
  }
  const bound = app.backups.bound.value.length
  return (
    <Dialog
      title="Set up a vault"
      onClose={close}
      onSubmit={submit}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy || value === undefined}>
            {busy ? 'Making it…' : 'Set up'}
          </Button>
        </>
      }
    >
      <p>
        Keys and passwords that you keep in it are encrypted with this passphrase, which is stored nowhere. Whoever
        takes this device, or a copy of its disk, finds nothing readable while the vault is locked.
      </p>
      {bound > 0 && (
        <p>
          {bound === 1 ? 'The key that is here already stays' : `The ${bound} keys that are here already stay`} outside:
          the browser gives out no key that it keeps itself. To have one in the vault, import its file again.
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
