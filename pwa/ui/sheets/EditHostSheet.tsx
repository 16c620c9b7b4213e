import { useState } from 'preact/hooks'
import { readTarget, type Target, targetText } from '../../../shared/target.ts'
import { forgetHost } from '../../commands/forget-host.ts'
import type { Host } from '../../store/schema.ts'
import { useDesk } from '../desk.ts'
import { IdentityChoice } from '../identities/IdentityChoice.tsx'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Check, Choice, Field } from '../kit/Field.tsx'

/** Name, address, relay and login of a saved host. */
export default function EditHostSheet({ host, close }: { host: Host; close(): void }) {
  const desk = useDesk()
  const { app } = desk
  const [label, typeLabel] = useState(host.label)
  const [address, typeAddress] = useState(targetText(host.target))
  const [endpointId, choose] = useState(host.endpointId)
  const [identityId, logInWith] = useState(host.identityId)
  const [jumpIds, logInOnTheWay] = useState(host.jumpIdentityIds ?? [])
  const [forwardAgent, forward] = useState(host.forwardAgent ?? false)
  const [legacyAlgorithms, allowLegacy] = useState(host.legacyAlgorithms ?? false)
  const reading = readTarget(address)
  const hops = reading.ok ? reading.target.jump : []
  const jumpIdentityIds = hops.map((_, at) => jumpIds[at] ?? null)
  // A passkey signs with a click here only, which a program elsewhere does not wait for.
  const key =
    app.identities.offer(identityId) !== undefined && app.identities.get(identityId)?.secret.kind !== 'passkey'
  const save = () => {
    if (!reading.ok) return
    const { target } = reading
    const named = label.trim() || targetText(target)
    const login = {
      identityId,
      jumpIdentityIds: jumpIdentityIds.some((id) => id !== null) ? jumpIdentityIds : undefined,
      forwardAgent: (forwardAgent && key) || undefined,
      legacyAlgorithms: legacyAlgorithms || undefined,
    }
    void app.hosts
      .edit(host.id, (old) => ({ ...old, saved: true, label: named, target, endpointId, ...login }))
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
      {app.secure && <IdentityChoice label="Log in with" value={identityId} choose={logInWith} />}
      {app.secure &&
        hops.map((hop, at) => (
          <IdentityChoice
            key={at}
            label={`Log in on the way, at ${hopText(hop)}, with`}
            value={jumpIdentityIds[at] ?? undefined}
            choose={(id) => logInOnTheWay(jumpIdentityIds.with(at, id ?? null))}
          />
        ))}
      {key && (
        <Check
          label="Let programs there use this key"
          hint="They can ask this browser for signatures, as ssh -A does. You are asked about each."
          checked={forwardAgent}
          onChange={forward}
        />
      )}
      <Check
        label="Take SHA-1 from this host"
        hint="For old devices only. SHA-1 is broken: somebody on the way could pretend to be the host."
        checked={legacyAlgorithms}
        onChange={allowLegacy}
      />
    </Dialog>
  )
}

function hopText({ host, port, username }: Target['jump'][number]): string {
  return `${username === undefined ? '' : `${username}@`}${host}${port === undefined ? '' : `:${port}`}`
}
