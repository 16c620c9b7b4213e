import { useState } from 'preact/hooks'
import { targetText } from '../../../shared/target.ts'
import { type AppFailure, failureOf } from '../../model/failure.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'

/** Asks for the password that sudo is to be given, each time anew. */
export default function FilesAsRootSheet({ tab, close }: { tab: TabView; close(): void }) {
  const { view } = useDesk()
  const [password, type] = useState('')
  const [failure, report] = useState<AppFailure>()
  const [busy, work] = useState(false)
  const { target } = tab.record.value
  const submit = async () => {
    work(true)
    report(undefined)
    try {
      await tab.sftp.becomeRoot(password)
      close()
      await view.directory(tab).refresh()
    } catch (error) {
      report(failureOf(error))
    } finally {
      type('')
      work(false)
    }
  }
  return (
    <Dialog
      title="Files as root"
      onClose={close}
      onSubmit={() => void submit()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy}>
            {busy ? 'Asking sudo…' : 'Open as root'}
          </Button>
        </>
      }
    >
      <p>
        sudo on <b>{target.host}</b> runs its file server as root. Your own files are closed meanwhile, and what is
        under way there waits.
      </p>
      <Field
        label={`Password for sudo, of ${targetText({ ...target, jump: [] })}`}
        type="password"
        autocomplete="off"
        autofocus
        disabled={busy}
        hint="It goes through the relay to sudo once and is kept nowhere. Leave it empty if sudo asks for none."
        error={failure && [`${failure.message}.`, failure.said, failure.remedy].filter(Boolean).join(' ')}
        value={password}
        onInput={(event) => type(event.currentTarget.value)}
      />
    </Dialog>
  )
}
