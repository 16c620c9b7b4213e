import { useId, useState } from 'preact/hooks'
import { showIdentities } from '../../commands/show-identities.ts'
import { showIdentity } from '../../commands/show-identity.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'
import { KeepChoice, useDefaultKeep } from './KeepChoice.tsx'
import { KeyDrop } from './KeyDrop.tsx'
import { KeyPassphrase } from './KeyPassphrase.tsx'
import { useKeyImport } from './useKeyImport.ts'

/** Takes a key from its file, with a certificate beside it if there is one. */
export default function ImportKeySheet() {
  const desk = useDesk()
  const id = useId()
  const [label, name] = useState('')
  const [keep, keepIn] = useState(useDefaultKeep())
  const key = useKeyImport()
  const back = () => void desk.run(showIdentities)
  const submit = async () => {
    const identity = await key.open(keep, label)
    if (!identity) return
    desk.view.say(`Imported the key ${identity.label}`)
    void desk.run(showIdentity, identity.id)
  }
  return (
    <Dialog
      title="Import an SSH key"
      onClose={back}
      onSubmit={() => void submit()}
      actions={
        <>
          <Button onClick={back}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={key.busy}>
            {key.busy ? 'Opening it…' : 'Import'}
          </Button>
        </>
      }
    >
      <p>From OpenSSH, OpenSSL (PEM) or PuTTY. It is opened in this browser and sent nowhere.</p>
      <KeyDrop chosen={key.name} focused take={key.take} />
      {key.name === undefined && (
        <div class="field">
          <label for={id}>Or paste it</label>
          <textarea
            id={id}
            class="input key-text"
            rows={4}
            autocomplete="off"
            spellcheck={false}
            placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
            value={key.text}
            onInput={(event) => key.paste(event.currentTarget.value)}
          />
        </div>
      )}
      <KeyPassphrase of={key} />
      <Field
        label="Name"
        hint="Leave it empty to take the key's own."
        maxlength={100}
        value={label}
        onInput={(event) => name(event.currentTarget.value)}
      />
      <KeepChoice keep={keep} choose={keepIn} />
    </Dialog>
  )
}
