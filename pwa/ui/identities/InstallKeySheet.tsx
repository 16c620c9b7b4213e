import { useState } from 'preact/hooks'
import { installKey } from '../../commands/install-key.ts'
import { logInWith } from '../../commands/log-in-with.ts'
import { makeKey } from '../../commands/make-key.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Choice } from '../kit/Field.tsx'

/** Puts a key into the account that a tab is logged in to, says what was done, and offers to use it there. */
export default function InstallKeySheet({
  tab,
  identityId,
  done,
  close,
}: {
  tab: TabView
  identityId: string | undefined
  done: { identityId: string; outcome: 'added' | 'present' } | undefined
  close(): void
}) {
  const desk = useDesk()
  const { username = '', host } = tab.session.target
  const keys = desk.app.identities.list.value.filter((one) => one.kind === 'key')
  const [chosen, choose] = useState(identityId ?? keys[0]?.id ?? '')
  const [busy, work] = useState(false)
  const install = async () => {
    work(true)
    await desk.run(installKey, { tabId: tab.id, identityId: chosen })
    work(false)
  }
  const account = (
    <b>
      {username}@{host}
    </b>
  )
  if (done) return <Done tab={tab} done={done} close={close} />
  return (
    <Dialog
      title="Install a key"
      onClose={close}
      onSubmit={() => void install()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          {keys.length > 0 ? (
            <Button kind="primary" type="submit" disabled={busy} autofocus>
              {busy ? 'Installing…' : 'Install'}
            </Button>
          ) : (
            <Button kind="primary" onClick={() => void desk.run(makeKey)} autofocus>
              Make a key
            </Button>
          )}
        </>
      }
    >
      {keys.length > 0 ? (
        <>
          <p>
            Adds its public half to ~/.ssh/authorized_keys of {account}, on the connection that is open. What is there
            stays, and nothing is added twice.
          </p>
          <Choice
            label="Key"
            value={chosen}
            of={keys.map((one) => ({ value: one.id, text: one.label }))}
            onChange={choose}
          />
        </>
      ) : (
        <p>There is no key in this browser yet. With one, {account} needs no password.</p>
      )}
    </Dialog>
  )
}

function Done({
  tab,
  done,
  close,
}: {
  tab: TabView
  done: { identityId: string; outcome: 'added' | 'present' }
  close(): void
}) {
  const desk = useDesk()
  const { hostId } = tab.record.value
  const host = desk.app.hosts.get(hostId)
  const label = desk.app.identities.get(done.identityId)?.label ?? ''
  const uses = host?.identityId === done.identityId
  const use = () => {
    close()
    if (hostId !== undefined) void desk.run(logInWith, { hostId, identityId: done.identityId })
  }
  return (
    <Dialog
      title={done.outcome === 'added' ? 'The key is installed' : 'The key was there already'}
      onClose={close}
      onSubmit={host && !uses ? use : close}
      actions={
        host && !uses ? (
          <>
            <Button onClick={close}>Not now</Button>
            <Button kind="primary" type="submit" autofocus>
              Log in with this key
            </Button>
          </>
        ) : (
          <Button kind="primary" type="submit" autofocus>
            Done
          </Button>
        )
      }
    >
      <p>
        {done.outcome === 'added'
          ? `${label} stands at the end of ~/.ssh/authorized_keys, which only its owner can read now.`
          : `${label} stands in ~/.ssh/authorized_keys. Nothing was added.`}
        {host && !uses && ` From now on ${host.label} can be logged in to with it, without a password.`}
      </p>
    </Dialog>
  )
}
