import { useEffect } from 'preact/hooks'
import { stopWatching } from '../../commands/stop-watching.ts'
import type { WatchedFile } from '../../model/preview/watchedFile.ts'
import { useDesk } from '../desk.ts'
import { FileName } from '../files/FileName.tsx'
import { timeText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Dot, type DotState } from '../kit/Dot.tsx'
import { obstacleTexts } from './obstacles.ts'
import '../sheets/RelaysSheet.css'

/** Files of hosts that are open in programs of this device, and what became of their changes. */
export default function WatchedSheet({ close }: { close(): void }) {
  const { view } = useDesk()
  const watched = view.watched.value
  useEffect(() => {
    if (watched.length === 0) close()
  }, [watched.length])
  return (
    <Dialog
      title="Files open in other programs"
      wide
      onClose={close}
      onSubmit={close}
      actions={
        <Button kind="primary" type="submit" autofocus>
          Done
        </Button>
      }
    >
      <p>Open the copy in any program. Whenever it is saved there, it is uploaded, as long as this window is open.</p>
      <ul class="relays">
        {watched.map((file) => (
          <Watched key={file} file={file} />
        ))}
      </ul>
    </Dialog>
  )
}

const dots: Record<ReturnType<WatchedFile['state']['peek']>['kind'], DotState> = {
  watching: 'ok',
  uploading: 'busy',
  changed: 'warn',
  'in-place': 'warn',
  failed: 'bad',
}

function Watched({ file }: { file: WatchedFile }) {
  const desk = useDesk()
  const state = file.state.value
  return (
    <li>
      <Dot state={dots[state.kind]} />
      <div>
        <b>
          <FileName name={file.localName} />
        </b>
        <span>
          <FileName name={file.file.path} /> on {file.label}
        </span>
        <span role="status">{stateText(file)}</span>
      </div>
      <div class="held-actions">
        {state.kind === 'changed' && (
          <>
            <Button onClick={() => void file.answer('theirs')}>Take theirs</Button>
            <Button kind="danger" onClick={() => void file.answer('mine')}>
              Upload mine
            </Button>
          </>
        )}
        {state.kind === 'in-place' && (
          <Button kind="danger" onClick={() => void file.answer('in-place')}>
            Write into the file
          </Button>
        )}
        {state.kind === 'failed' && <Button onClick={() => void file.answer('mine')}>Upload again</Button>}
        <Button aria-label={`Stop watching ${file.localName}`} onClick={() => void desk.run(stopWatching, file)}>
          Stop
        </Button>
      </div>
    </li>
  )
}

function stateText({ state }: WatchedFile): string {
  const now = state.value
  switch (now.kind) {
    case 'watching':
      return now.uploadedAt ? `Uploaded at ${timeText(now.uploadedAt)}` : 'Not changed yet'
    case 'uploading':
      return 'Uploading'
    case 'changed':
      return 'Somebody has changed the file on the host since. Nothing was uploaded yet.'
    case 'in-place':
      return `${obstacleTexts[now.obstacle]} Written where it is, it is left half written if the connection breaks.`
    case 'failed':
      return `${now.failure.message}. ${now.failure.remedy}`
  }
}
