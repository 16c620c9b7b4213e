import { commands } from '../../commands/index.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Keys } from '../kit/Keys.tsx'
import './KeysSheet.css'

/** Every command that has a key. */
export default function KeysSheet({ close }: { close(): void }) {
  const desk = useDesk()
  return (
    <Dialog
      title="Keys"
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
        Everything else goes to the shell, {desk.app.platform.apple ? '⌃C, ⌃K, ⌃R and ⌃W' : 'Ctrl C, K, R and W'} too.
      </p>
      <dl class="key-list">
        {commands
          .filter(({ id }) => !/^go-to-tab-[2-8]$/.test(id))
          .flatMap((command) => {
            const keys = desk.keys(command)
            return keys ? (
              <div key={command.id}>
                <dt>{desk.title(command)}</dt>
                <dd>
                  <span class="quiet">{keys}</span>
                  <Keys keys={keys} />
                </dd>
              </div>
            ) : (
              []
            )
          })}
      </dl>
    </Dialog>
  )
}
