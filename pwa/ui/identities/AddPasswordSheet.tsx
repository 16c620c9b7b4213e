import { useState } from 'preact/hooks'
import { addPassword } from '../../commands/add-password.ts'
import { showIdentities } from '../../commands/show-identities.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'

/** Keeps a password in the vault. */
export default function AddPasswordSheet() {
  const desk = useDesk()
  const [label, name] = useState('')
  const [username, call] = useState('')
  const [password, type] = useState('')
  const back = () => void desk.run(showIdentities)
  return (
    <Dialog
      title="Keep a password"
      onClose={back}
      onSubmit={() => void desk.run(addPassword, { label, username, password })}
      actions={
        <>
          <Button onClick={back}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={!password || !username.trim()}>
            Keep it
          </Button>
        </>
      }
    >
      <p>The vault encrypts it. When it is used, the relay passes it to the host, and so sees it; a key is safer.</p>
      <Field
        label="User name"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        autofocus
        maxlength={256}
        value={username}
        onInput={(event) => call(event.currentTarget.value)}
      />
      <Field
        label="Password"
        type="password"
        autocomplete="off"
        maxlength={4096}
        value={password}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <Field
        label="Name"
        hint="Leave it empty to call it by the user name."
        maxlength={100}
        value={label}
        onInput={(event) => name(event.currentTarget.value)}
      />
    </Dialog>
  )
}
