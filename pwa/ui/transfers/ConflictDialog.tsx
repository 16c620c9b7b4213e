import { useState } from 'preact/hooks'
import type { Choice, Conflict } from '../../model/transfers/transferView.ts'
import { useDesk } from '../desk.ts'
import { FileName } from '../files/FileName.tsx'
import { sizeText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Check } from '../kit/Field.tsx'
import './ConflictDialog.css'

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

type Side = Conflict['there']

/** Asks what becomes of a file whose name is taken: both are shown, and nothing is lost by the default. */
export default function ConflictDialog({ conflict }: { conflict: Conflict }) {
  const { app } = useDesk()
  const [forAll, setForAll] = useState(false)
  const { path, there, ours, choices } = conflict
  const name = path.slice(path.lastIndexOf('/') + 1)
  const item = app.transfers.items.value.find(({ id }) => id === conflict.transferId)
  const many = (item?.files ?? 0) > 1
  const say = (choice: Choice) => () => conflict.answer(choice, forAll)
  return (
    <Dialog
      title="A file of this name is there already"
      wide
      onClose={say('skip')}
      onSubmit={say('keep-both')}
      actions={
        <>
          <Button onClick={say('skip')}>Skip</Button>
          {choices.includes('resume') && <Button onClick={say('resume')}>Go on after {sizeText(there.size)}</Button>}
          {choices.includes('newer') && <Button onClick={say('newer')}>Replace if newer</Button>}
          {choices.includes('replace') && (
            <Button kind="danger" onClick={say('replace')}>
              Replace
            </Button>
          )}
          <Button kind="primary" type="submit" autofocus>
            Keep both
          </Button>
        </>
      }
    >
      <p class="conflict-path">
        <b>
          <FileName name={name} />
        </b>{' '}
        in <FileName name={path.slice(0, Math.max(1, path.length - name.length - 1))} />
      </p>
      <dl class="conflict">
        <Shown title="Already there" side={there} other={ours} />
        <Shown title={item?.kind === 'upload' ? 'Yours' : 'The new one'} side={ours} other={there} />
      </dl>
      {many && <Check label="Do the same with all others of this transfer" checked={forAll} onChange={setForAll} />}
    </Dialog>
  )
}

function Shown({ title, side, other }: { title: string; side: Side; other: Side }) {
  // Hosts count in whole seconds.
  const newer = Math.floor(side.modifiedAt / 1000) > Math.floor(other.modifiedAt / 1000)
  const larger = side.size > other.size
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {sizeText(side.size)}
        {larger && <span> larger</span>}
      </dd>
      <dd>
        {moment.format(side.modifiedAt)}
        {newer && <span> newer</span>}
      </dd>
    </div>
  )
}
