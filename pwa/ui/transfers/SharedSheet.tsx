import { useEffect, useState } from 'preact/hooks'
import { targetText } from '../../../shared/target.ts'
import { uploadShared } from '../../commands/upload-shared.ts'
import { uploadPlace } from '../../commands/uploadPlace.ts'
import { dropShared, readShared, type Shared } from '../../model/transfers/shared.ts'
import { useDesk } from '../desk.ts'
import { FileName } from '../files/FileName.tsx'
import { countText, sizeText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Choice, Field } from '../kit/Field.tsx'
import './SharedSheet.css'

/** Files that are named; the rest is counted. */
const named = 5

/** Asks where to put what another app has shared: an open tab's host first, then those that are known. */
export default function SharedSheet({ id, close }: { id: string; close(): void }) {
  const desk = useDesk()
  const { app } = desk
  // Read once; null where it is not there.
  const [shared, found] = useState<Shared | null>()
  useEffect(() => {
    readShared(id).then(
      (share) => found(share ?? null),
      (error) => desk.view.fail(error),
    )
  }, [id, desk])
  const places = [
    ...app.tabs.tabs.value.map((tab) => ({
      value: tab.id,
      text: tab.title.value,
      to: { tabId: tab.id },
      path: uploadPlace(desk, tab),
    })),
    ...[...app.hosts.saved.value, ...app.hosts.recent.value].map((host) => ({
      value: host.id,
      text: host.label === targetText(host.target) ? host.label : `${host.label} (${targetText(host.target)})`,
      to: { hostId: host.id },
      path: '~',
    })),
  ]
  const [chosen, choose] = useState<string>()
  const [typed, type] = useState<string>()
  const place = places.find(({ value }) => value === chosen) ?? places[0]
  const path = typed ?? place?.path ?? '~'
  const discard = () => {
    close()
    void dropShared(id)
  }
  if (shared === null) {
    return (
      <Dialog title="Nothing to upload" onClose={close} onSubmit={close} actions={<Button type="submit">Close</Button>}>
        <p>What was shared is not here any more, or it was more than 1,000 files or 2 GB at once.</p>
      </Dialog>
    )
  }
  const files = shared?.files ?? []
  const send = () => {
    if (shared && place) void desk.run(uploadShared, { shared, to: place.to, path: path.trim() || '~' })
  }
  return (
    <Dialog
      title={shared ? `Upload ${countText(files.length, 'shared file')}` : 'Upload what was shared'}
      onClose={close}
      onSubmit={send}
      actions={
        <>
          <Button onClick={discard}>Discard</Button>
          <Button kind="primary" type="submit" disabled={!shared || !place} autofocus>
            Upload
          </Button>
        </>
      }
    >
      <ul class="shared-files">
        {files.slice(0, named).map(({ name, size }, index) => (
          <li key={index}>
            <FileName name={name} />
            <span>{sizeText(size)}</span>
          </li>
        ))}
        {files.length > named && <li>and {(files.length - named).toLocaleString()} more</li>}
      </ul>
      {place ? (
        <>
          <Choice
            label="To"
            value={place.value}
            of={places}
            onChange={(value) => {
              choose(value)
              type(undefined)
            }}
          />
          <Field
            label="Folder"
            hint="~ is your home folder there."
            mono
            autocapitalize="none"
            spellcheck={false}
            value={path}
            onInput={(event) => type(event.currentTarget.value)}
          />
        </>
      ) : (
        <p role="alert">There is no host yet. Connect to one first, then share again.</p>
      )}
    </Dialog>
  )
}
