import { useState } from 'preact/hooks'
import type { FileInfo } from '../../../../shared/fileInfo.ts'
import { newLink } from '../../../commands/new-link.ts'
import { hasExtension } from '../../../model/files/links.ts'
import { nameProblem, stemOf } from '../../../model/files/names.ts'
import type { TabView } from '../../../model/tabs.ts'
import { useDesk } from '../../desk.ts'
import { Button } from '../../kit/Button.tsx'
import { Dialog } from '../../kit/Dialog.tsx'
import { Choice, Field } from '../../kit/Field.tsx'
import { useAttempt } from './useAttempt.ts'

const kinds = [
  { value: 'symbolic', text: 'Symbolic: says where the file is' },
  { value: 'hard', text: 'Hard: a further name of the same file' },
] as const

/** Asks what a new link is called and where it points. */
export function NewLinkDialog({
  tab,
  directory,
  file,
  close,
}: {
  tab: TabView
  directory: string
  file: FileInfo | undefined
  close(): void
}) {
  const desk = useDesk()
  const attempt = useAttempt()
  const [name, type] = useState(() => (file ? linkName(file.name) : ''))
  const [target, pointTo] = useState(file?.name ?? '')
  const [link, choose] = useState<(typeof kinds)[number]['value']>('symbolic')
  const hard = file?.type === 'file' && hasExtension(tab.sftp, 'hardlink@openssh.com')
  const wrong = name === '' ? undefined : nameProblem(name)
  const ready = nameProblem(name) === undefined && (link === 'hard' || target !== '')
  const make = async () => {
    if (!ready) return
    const what = { tabId: tab.id, directory, name, link, target: link === 'hard' && file ? file.path : target }
    if (await attempt.begin(() => newLink.run(desk, what))) close()
  }
  return (
    <Dialog
      title="New link"
      onClose={close}
      onSubmit={() => void make()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={!ready || attempt.busy}>
            Make
          </Button>
        </>
      }
    >
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
      {hard && <Choice label="Kind" value={link} of={kinds} onChange={(kind) => choose(kind)} />}
      {link === 'symbolic' && (
        <Field
          label="Points to"
          mono
          autocapitalize="none"
          autocomplete="off"
          spellcheck={false}
          maxLength={4096}
          hint="A path from the root on, or from the folder of the link."
          value={target}
          onInput={(event) => pointTo(event.currentTarget.value)}
        />
      )}
    </Dialog>
  )
}

function linkName(name: string): string {
  const stem = stemOf(name)
  return `${stem} link${name.slice(stem.length)}`
}
