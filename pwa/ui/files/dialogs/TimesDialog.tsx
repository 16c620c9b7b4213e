import { useState } from 'preact/hooks'
import type { FileInfo } from '../../../../shared/fileInfo.ts'
import { changeTimes } from '../../../commands/change-times.ts'
import { filesText } from '../../../commands/fileWords.ts'
import type { TabView } from '../../../model/tabs.ts'
import { useDesk } from '../../desk.ts'
import { Button } from '../../kit/Button.tsx'
import { Dialog } from '../../kit/Dialog.tsx'
import { Field } from '../../kit/Field.tsx'
import { useAttempt } from './useAttempt.ts'

/** Seconds since 1970 that SFTP 3 has room for. */
const last = 0xffffffff

/** When files were changed and read last, as touch sets it. */
export function TimesDialog({ tab, files, close }: { tab: TabView; files: readonly FileInfo[]; close(): void }) {
  const desk = useDesk()
  const attempt = useAttempt()
  const [only] = files.length === 1 ? files : []
  const [changed, setChanged] = useState(only ? localText(only.modifiedAt) : '')
  const [read, setRead] = useState(only?.atime === undefined ? '' : localText(new Date(only.atime * 1000)))
  const mtime = secondsOf(changed)
  const atime = secondsOf(read)
  const set = async () => {
    if (await attempt.begin(() => changeTimes.run(desk, { tabId: tab.id, files, mtime, atime }))) close()
  }
  const field = (label: string, value: string, change: (text: string) => void, first: boolean) => (
    <div class="file-time">
      <Field
        label={label}
        type="datetime-local"
        step={1}
        autofocus={first}
        value={value}
        onInput={(event) => {
          attempt.forget()
          change(event.currentTarget.value)
        }}
      />
      <Button onClick={() => change(localText(new Date()))}>Now</Button>
    </div>
  )
  return (
    <Dialog
      title={`Times of ${filesText(files)}`}
      onClose={close}
      onSubmit={() => void set()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={attempt.busy || (mtime === undefined && atime === undefined)}>
            Set
          </Button>
        </>
      }
    >
      <p>In the time of this device. What is left empty stays as it is.</p>
      {field('Changed', changed, setChanged, true)}
      {field('Read last', read, setRead, false)}
      {attempt.problem && (
        <p class="file-problem" role="alert">
          {attempt.problem}
        </p>
      )}
    </Dialog>
  )
}

/** As a field for local times has it. */
function localText(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

function secondsOf(text: string): number | undefined {
  const seconds = Math.floor(new Date(text).getTime() / 1000)
  return text !== '' && seconds >= 0 && seconds <= last ? seconds : undefined
}
