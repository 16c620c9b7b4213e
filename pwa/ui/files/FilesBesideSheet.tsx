import { targetText } from '../../../shared/target.ts'
import { besideChoices, filesBeside } from '../../commands/files-beside.ts'
import { sameHostBeside } from '../../commands/same-host-beside.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Dot } from '../kit/Dot.tsx'
import { tabState } from '../tabs/state.ts'
import './FilesBesideSheet.css'

/** Whose files are to stand beside: another tab's, or the same host's once more. */
export default function FilesBesideSheet({ close }: { close(): void }) {
  const desk = useDesk()
  const choices = besideChoices(desk)
  return (
    <Dialog
      title="Files beside"
      onClose={close}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            autofocus={choices.length === 0}
            onClick={() => {
              close()
              void desk.run(sameHostBeside)
            }}
          >
            Another folder of this host
          </Button>
        </>
      }
    >
      <p>
        {choices.length
          ? 'Files are copied by dragging them across, or with copy and paste. The terminal runs on meanwhile.'
          : 'No other tab is connected. Open one to a second host, or look at another folder of this one.'}
      </p>
      {choices.length > 0 && (
        <ul class="beside-choices">
          {choices.map((tab, index) => (
            <li key={tab.id}>
              <button
                type="button"
                autofocus={index === 0}
                onClick={() => {
                  close()
                  void desk.run(filesBeside, tab.id)
                }}
              >
                <Dot state={tabState(tab).dot} />
                <bdi>{tab.title.value}</bdi>
                <bdi class="detail">{targetText(tab.record.value.target)}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}
