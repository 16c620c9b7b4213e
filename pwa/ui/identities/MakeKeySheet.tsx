import { useState } from 'preact/hooks'
import { makeKey } from '../../commands/make-key.ts'
import { showIdentities } from '../../commands/show-identities.ts'
import type { KeyKind } from '../../model/keys/makeKey.ts'
import { passkeyKeysHere } from '../../model/keys/passkeyKey.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Choice, Field } from '../kit/Field.tsx'
import { KeepChoice, useDefaultKeep } from './KeepChoice.tsx'
import { PasskeyNote } from './PasskeyNote.tsx'

type Kind = KeyKind | 'passkey'

const kinds: readonly { value: Kind; text: string }[] = [
  { value: 'ed25519', text: 'Ed25519, the best choice' },
  { value: 'ecdsa-256', text: 'ECDSA P-256' },
  { value: 'ecdsa-384', text: 'ECDSA P-384' },
  { value: 'ecdsa-521', text: 'ECDSA P-521' },
  { value: 'rsa-3072', text: 'RSA 3072, for old servers' },
  { value: 'rsa-4096', text: 'RSA 4096' },
]

const passkey = { value: 'passkey', text: 'Passkey, confirmed each time' } as const

/** Makes a key. */
export default function MakeKeySheet() {
  const desk = useDesk()
  const [label, name] = useState('')
  const [kind, choose] = useState<Kind>('ed25519')
  const [keep, keepIn] = useState(useDefaultKeep())
  const [busy, work] = useState(false)
  const back = () => void desk.run(showIdentities)
  const submit = async () => {
    work(true)
    await desk.run(makeKey, { kind, label: label.trim() || 'My key', keep })
    work(false)
  }
  return (
    <Dialog
      title="New SSH key"
      onClose={back}
      onSubmit={() => void submit()}
      actions={
        <>
          <Button onClick={back}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy}>
            {busy ? 'Making it…' : 'Make the key'}
          </Button>
        </>
      }
    >
      <Field
        label="Name"
        hint="Hosts show it beside the key."
        placeholder="My key"
        autofocus
        maxlength={100}
        value={label}
        onInput={(event) => name(event.currentTarget.value)}
      />
      <Choice<Kind> label="Kind" value={kind} of={passkeyKeysHere() ? [...kinds, passkey] : kinds} onChange={choose} />
      {kind === 'passkey' ? <PasskeyNote /> : <KeepChoice keep={keep} choose={keepIn} />}
    </Dialog>
  )
}
