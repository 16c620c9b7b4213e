import { Trash } from 'lucide'
import { forgetKnownHost } from '../../commands/forget-known-host.ts'
import { useDesk } from '../desk.ts'
import { Button, IconButton } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { keyTypeText } from '../prompts/keyType.ts'
import './RelaysSheet.css'

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

/** The hosts whose keys were accepted in this browser. */
export default function KnownHostsSheet({ close }: { close(): void }) {
  const desk = useDesk()
  const known = desk.app.knownHosts.list.value
  return (
    <Dialog
      title="Known hosts"
      wide
      onClose={close}
      onSubmit={close}
      actions={
        <Button kind="primary" type="submit" autofocus>
          Done
        </Button>
      }
    >
      <p>
        {known.length
          ? 'If one of them shows another key, nothing is sent to it. A host that is forgotten is asked about again.'
          : 'None yet. A host is remembered when you first trust its key.'}
      </p>
      {known.length > 0 && (
        <ul class="relays">
          {known.map((host) => (
            <li key={host.id}>
              <div>
                <b class="mono">{host.id}</b>
                <span>
                  {host.keys.map((key) => `${keyTypeText(key.type)} since ${day.format(key.addedAt)}`).join(', ')}
                </span>
              </div>
              <IconButton icon={Trash} name="Forget" onClick={() => void desk.run(forgetKnownHost, host.id)} />
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}
