import { useState } from 'preact/hooks'
import { exportData } from '../../commands/export-data.ts'
import { sealedIn } from '../../model/vault.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Check } from '../kit/Field.tsx'
import { useWork } from './useWork.ts'
import './Vault.css'

/** Says what goes with the vault, and takes a deliberate yes; leaving is the default. */
export default function RemoveVaultSheet({ close }: { close(): void }) {
  const desk = useDesk()
  const { app, view } = desk
  const [sure, be] = useState(false)
  const { busy, problem, run } = useWork()
  const sealed = sealedIn(app.identities.list.value)
  const logins = app.endpoints.list.value.filter(({ loginSealed }) => loginSealed).length
  const gone = [
    ...(sealed.length > 0 ? [countText(sealed.length, 'key or password', 'keys and passwords')] : []),
    ...(logins > 0 ? [countText(logins, 'login to a relay', 'logins to relays')] : []),
  ]
  const remove = () =>
    run(async () => {
      await app.vault.remove()
      close()
      view.say('The vault is removed')
    })
  return (
    <Dialog
      title="Remove the vault?"
      shape="alarm"
      onClose={close}
      onSubmit={close}
      actions={
        <>
          {gone.length > 0 && <Button onClick={() => void desk.run(exportData)}>Export a backup first</Button>}
          <Button kind="danger" disabled={!sure || busy} onClick={remove}>
            Remove it
          </Button>
          <Button kind="primary" type="submit" autofocus>
            Keep it
          </Button>
        </>
      }
    >
      {gone.length > 0 ? (
        <>
          <p>It takes with it {gone.join(' and ')}. Nobody can bring them back:</p>
          <ul class="vault-gone">
            {sealed.map(({ id, label }) => (
              <li key={id}>{label}</li>
            ))}
          </ul>
        </>
      ) : (
        <p>There is nothing in it.</p>
      )}
      <Check
        label={gone.length > 0 ? 'I have what I need of them elsewhere' : 'Yes, remove it'}
        checked={sure}
        onChange={be}
      />
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  )
}
