import { useState } from 'preact/hooks'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'
import { RecoveryCode } from './RecoveryCode.tsx'
import { useNewPassphrase } from './useNewPassphrase.tsx'
import { useWork } from './useWork.ts'
import './Vault.css'

const texts = {
  change: {
    title: 'Change the passphrase',
    why: 'What is in the vault stays as it is. Passkeys and the recovery code go on opening it.',
    verb: 'Change',
  },
  recovery: {
    title: 'New recovery code',
    why: 'The code that you have kept so far then opens nothing any more.',
    verb: 'Make a code',
  },
  passkey: {
    title: 'Add a passkey',
    why: 'A passkey of this device or of your password manager opens the vault as well, for this address only. If it is lost, the passphrase still opens it.',
    verb: 'Add a passkey',
  },
} as const

/** What is done to the vault only by whoever has its passphrase. */
export default function VaultPassphraseSheet({ purpose, close }: { purpose: keyof typeof texts; close(): void }) {
  const { app, view } = useDesk()
  const { title, why, verb } = texts[purpose]
  const [passphrase, type] = useState('')
  const [label, name] = useState('')
  const [code, show] = useState<string>()
  const [kept, keep] = useState(false)
  const { fields, value } = useNewPassphrase('New passphrase', false)
  const { busy, problem, run } = useWork()
  const work = {
    async change() {
      if (value === undefined) return
      await app.vault.changePassphrase(passphrase, value)
      view.say('The passphrase is changed')
      close()
    },
    async recovery() {
      show(await app.vault.renewRecoveryCode(passphrase))
    },
    async passkey() {
      await app.vault.addPasskey(passphrase, label)
      view.sheet.value = { kind: 'vault' }
    },
  }
  const done = () => kept && close()
  if (code !== undefined) {
    return (
      <Dialog
        title="Keep the recovery code"
        onClose={done}
        onSubmit={done}
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
  return (
    <Dialog
      title={title}
      onClose={close}
      onSubmit={() => run(work[purpose])}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            kind="primary"
            type="submit"
            disabled={busy || !passphrase || (purpose === 'change' && value === undefined)}
          >
            {busy ? 'One moment…' : verb}
          </Button>
        </>
      }
    >
      <p>{why}</p>
      <Field
        label="Passphrase of the vault"
        type="password"
        autocomplete="current-password"
        autofocus
        error={problem}
        value={passphrase}
        onInput={(event) => type(event.currentTarget.value)}
      />
      {purpose === 'change' && fields}
      {purpose === 'passkey' && (
        <Field
          label="Name"
          placeholder="This laptop"
          autocomplete="off"
          value={label}
          onInput={(event) => name(event.currentTarget.value)}
        />
      )}
    </Dialog>
  )
}
