import { useState } from 'preact/hooks'
import type { EndpointView } from '../../model/endpoints.ts'
import { type AppFailure, failureOf } from '../../model/failure.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'

/** The relay's own password; or, for one that has none yet, the first one with the code from its console. */
export default function RelayLoginSheet({ view, close }: { view: EndpointView; close(): void }) {
  const { app } = useDesk()
  const [password, type] = useState('')
  const [code, typeCode] = useState('')
  const [failure, report] = useState<AppFailure>()
  const [busy, work] = useState(false)
  const setUp = view.link.failure.value?.code === 'set-up-required'
  const submit = async () => {
    work(true)
    report(undefined)
    try {
      if (setUp) await app.endpoints.setUp(view.id, code.trim(), password)
      else await app.endpoints.login(view.id, password)
      close()
    } catch (error) {
      report(failureOf(error))
    } finally {
      work(false)
    }
  }
  return (
    <Dialog
      title={setUp ? `Set up relay ${view.label}` : `Log in to relay ${view.label}`}
      onClose={close}
      onSubmit={() => void submit()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy || !password}>
            {setUp ? 'Set password' : 'Log in'}
          </Button>
        </>
      }
    >
      <p>
        {setUp
          ? 'It has no password yet. The code is on the console where it was started.'
          : 'This is the password of the relay itself, not of a server behind it. It goes to '}
        {!setUp && <code>{view.url}</code>}
        {!setUp && ' only.'}
      </p>
      {setUp && (
        <Field
          label="Code from the console"
          mono
          autocomplete="one-time-code"
          autocapitalize="none"
          autofocus
          value={code}
          onInput={(event) => typeCode(event.currentTarget.value)}
        />
      )}
      <Field
        label={setUp ? 'New password' : 'Password of the relay'}
        type="password"
        autocomplete={setUp ? 'new-password' : 'current-password'}
        autofocus={!setUp}
        error={failure && `${failure.message}. ${failure.remedy}`}
        value={password}
        onInput={(event) => type(event.currentTarget.value)}
      />
    </Dialog>
  )
}
