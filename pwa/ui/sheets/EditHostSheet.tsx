import { useState } from 'preact/hooks'
import { readTarget, targetText } from '../../../shared/target.ts'
import { forgetHost } from '../../commands/forget-host.ts'
import type { Host } from '../../store/schema.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Choice, Field } from '../kit/Field.tsx'

/** Name, address and relay of a saved host. */
export default function EditHostSheet({ host, close }: { host: Host; close(): void }) {
  const desk = useDesk()
  const { app } = desk
  const [label, typeLabel] = useState(host.label)
  const [address, typeAddress] = useState(targetText(host.target))
  const [endpointId, choose] = useState(host.endpointId)
  const reading = readTarget(address)
  const save = () => {
    if (!reading.ok) return
    const { target } = reading
    void app.hosts
      .edit(host.id, (old) => ({ ...old, saved: true, label: label.trim() || targetText(target), target, endpointId }))
      .then(close, (error) => desk.view.fail(error))
  }
  return (
    <Dialog
      title="Edit host"
      onClose={close}
      onSubmit={save}
      actions={
        <>
          <Button
            kind="danger"
            onClick={() => {
              close()
              void desk.run(forgetHost, host.id)
            }}
          >
            Forget host
          </Button>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={!reading.ok}>
            Save
          </Button>
        </>
      }
    >
      <Field label="Name" autofocus value={label} onInput={(event) => typeLabel(event.currentTarget.value)} />
      <Field
        label="Address"
        mono
        autocapitalize="none"
        spellcheck={false}
        error={reading.ok ? undefined : reading.problem}
        value={address}
        onInput={(event) => typeAddress(event.currentTarget.value)}
      />
      <Choice
        label="Through relay"
        value={endpointId}
        of={app.endpoints.list.value.map((view) => ({ value: view.id, text: view.label }))}
        onChange={choose}
      />
    </Dialog>
  )
}
