import { useState } from 'preact/hooks'
import { newFile } from '../../../commands/new-file.ts'
import { newFolder } from '../../../commands/new-folder.ts'
import { nameProblem } from '../../../model/files/names.ts'
import type { TabView } from '../../../model/tabs.ts'
import { useDesk } from '../../desk.ts'
import { Button } from '../../kit/Button.tsx'
import { Dialog } from '../../kit/Dialog.tsx'
import { Field } from '../../kit/Field.tsx'
import { FileName } from '../FileName.tsx'
import { useAttempt } from './useAttempt.ts'

/** Asks for the name of a new file or folder. */
export function MakeDialog({
  tab,
  directory,
  what,
  close,
}: {
  tab: TabView
  directory: string
  what: 'file' | 'folder'
  close(): void
}) {
  const desk = useDesk()
  const attempt = useAttempt()
  const [name, type] = useState('')
  const wrong = name === '' ? undefined : nameProblem(name)
  const make = async () => {
    if (nameProblem(name)) return
    const command = what === 'folder' ? newFolder : newFile
    if (await attempt.begin(() => command.run(desk, { tabId: tab.id, directory, name }))) close()
  }
  return (
    <Dialog
      title={what === 'folder' ? 'New folder' : 'New file'}
      onClose={close}
      onSubmit={() => void make()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={nameProblem(name) !== undefined || attempt.busy}>
            Make
          </Button>
        </>
      }
    >
      <p class="file-place">
        In <FileName name={directory} />
      </p>
      <Field
        label="Name"
        autofocus
        autocapitalize="none"
        autocomplete="off"
        spellcheck={false}
        error={wrong ?? attempt.problem}
        value={name}
        onInput={(event) => {
          attempt.forget()
          type(event.currentTarget.value)
        }}
      />
    </Dialog>
  )
}
