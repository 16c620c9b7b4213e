import { useState } from 'preact/hooks'
import type { FileInfo } from '../../../../shared/fileInfo.ts'
import { changeLink } from '../../../commands/change-link.ts'
import { filesText } from '../../../commands/fileWords.ts'
import type { TabView } from '../../../model/tabs.ts'
import { useDesk } from '../../desk.ts'
import { Button } from '../../kit/Button.tsx'
import { Dialog } from '../../kit/Dialog.tsx'
import { Field } from '../../kit/Field.tsx'
import { useAttempt } from './useAttempt.ts'

/** Asks where a symbolic link is to point from now on. */
export function ChangeLinkDialog({ tab, file, close }: { tab: TabView; file: FileInfo; close(): void }) {
  const desk = useDesk()
  const attempt = useAttempt()
  const [target, pointTo] = useState(file.target ?? '')
  const change = async () => {
    if (target === '') return
    if (await attempt.begin(() => changeLink.run(desk, { tabId: tab.id, path: file.path, target }))) close()
  }
  return (
    <Dialog
      title={`Where ${filesText([file])} points`}
      onClose={close}
      onSubmit={() => void change()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={attempt.busy || target === '' || target === file.target}>
            Change
          </Button>
        </>
      }
    >
      <Field
        label="Points to"
        mono
        autofocus
        autocapitalize="none"
        autocomplete="off"
        spellcheck={false}
        maxLength={4096}
        hint="A path from the root on, or from the folder of the link."
        error={attempt.problem}
        value={target}
        onInput={(event) => {
          attempt.forget()
          pointTo(event.currentTarget.value)
        }}
      />
    </Dialog>
  )
}
