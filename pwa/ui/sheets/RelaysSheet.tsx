import { List, Pencil, Plus, Trash } from 'lucide'
import { useState } from 'preact/hooks'
import { forgetRelay } from '../../commands/forget-relay.ts'
import { logInToRelay } from '../../commands/log-in-to-relay.ts'
import { renameRelay } from '../../commands/rename-relay.ts'
import { showRelaySight } from '../../commands/show-relay-sight.ts'
import { showSessions } from '../../commands/show-sessions.ts'
import type { EndpointView } from '../../model/endpoints.ts'
import { type AppFailure, failureOf } from '../../model/failure.ts'
import { useDesk } from '../desk.ts'
import { Button, IconButton } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Dot } from '../kit/Dot.tsx'
import { Field } from '../kit/Field.tsx'
import { relayDot, relayStateText } from '../relays.ts'
import './RelaysSheet.css'

/** The relays that this browser knows, how each stands, and a way to add one. */
export default function RelaysSheet({ add, close }: { add: boolean; close(): void }) {
  const desk = useDesk()
  const { app } = desk
  const views = app.endpoints.list.value
  const [adding, start] = useState(add || views.length === 0)
  return (
    <Dialog
      title="Relays"
      wide
      onClose={close}
      actions={
        adding ? undefined : (
          <>
            <Button kind="bare" onClick={() => void desk.run(showRelaySight)}>
              What can a relay see?
            </Button>
            <span class="rest" />
            <Button icon={Plus} onClick={() => start(true)} autofocus>
              Add a relay
            </Button>
            <Button kind="primary" onClick={close}>
              Done
            </Button>
          </>
        )
      }
    >
      <p>A relay opens the SSH connections for this browser. Each host says through which one it is reached.</p>
      {views.length > 0 && (
        <ul class="relays">
          {views.map((view) => (
            <Relay key={view.id} view={view} />
          ))}
        </ul>
      )}
      {adding && <AddRelay done={() => start(false)} cancel={views.length ? () => start(false) : close} />}
    </Dialog>
  )
}

function Relay({ view }: { view: EndpointView }) {
  const desk = useDesk()
  const [renaming, rename] = useState(false)
  const { link } = view
  const done = (label: string) => {
    rename(false)
    void desk.run(renameRelay, { id: view.id, label })
  }
  return (
    <li>
      <Dot state={relayDot(view)} />
      <div>
        {renaming ? (
          <input
            class="input"
            aria-label="Name of the relay"
            autofocus
            value={view.label}
            onBlur={(event) => done(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return
              event.preventDefault()
              done(event.currentTarget.value)
            }}
          />
        ) : (
          <b>{view.label}</b>
        )}
        <span class="mono">{view.url}</span>
        {link.failure.value && <span>{`${link.failure.value.message}. ${link.failure.value.remedy}`}</span>}
      </div>
      <span class="state">
        {relayStateText(view)}
        {link.hello.value && ` · ${link.hello.value.version}`}
      </span>
      {link.state.value === 'login-required' && (
        <Button onClick={() => void desk.run(logInToRelay, view.id)}>Log in</Button>
      )}
      {link.state.value === 'online' && (
        <IconButton icon={List} name="Sessions" onClick={() => void desk.run(showSessions)} />
      )}
      <IconButton icon={Pencil} name="Rename" onClick={() => rename(true)} />
      {!view.own && <IconButton icon={Trash} name="Forget" onClick={() => void desk.run(forgetRelay, view.id)} />}
    </li>
  )
}

function AddRelay({ done, cancel }: { done(): void; cancel(): void }) {
  const { app, view } = useDesk()
  const launch = view.launch.value
  const [address, typeAddress] = useState(launch.relay ?? '')
  const [password, typePassword] = useState('')
  const [failure, report] = useState<AppFailure>()
  const [busy, work] = useState(false)
  const wrong = failure && `${failure.message}. ${failure.remedy}`
  const aboutPassword = failure?.code === 'wrong-password' || failure?.code === 'login-required'
  const add = async () => {
    work(true)
    report(undefined)
    try {
      // The token that the link carried goes to the relay that it named, and is not shown.
      const token = launch.relay === address && launch.token ? `#token=${encodeURIComponent(launch.token)}` : ''
      await app.endpoints.add(address + token, password || undefined)
      done()
    } catch (error) {
      report(failureOf(error))
    } finally {
      work(false)
    }
  }
  const enter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    void add()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a grid in every browser
    <div class="add-relay" role="group" aria-label="Add a relay" onKeyDown={enter}>
      <Field
        label="Address"
        hint="Or paste the whole address that the relay printed when it started; then no password is needed."
        placeholder="https://relay.example"
        error={aboutPassword ? undefined : wrong}
        mono
        inputmode="url"
        autocapitalize="none"
        spellcheck={false}
        autofocus
        value={address}
        onInput={(event) => typeAddress(event.currentTarget.value)}
      />
      <Field
        label="Password of the relay"
        hint="Leave it empty if the relay has none."
        error={aboutPassword ? wrong : undefined}
        type="password"
        autocomplete="current-password"
        value={password}
        onInput={(event) => typePassword(event.currentTarget.value)}
      />
      <div class="actions">
        <Button onClick={cancel}>Cancel</Button>
        <Button kind="primary" disabled={busy || !address.trim()} onClick={() => void add()}>
          {busy ? 'Adding…' : 'Add relay'}
        </Button>
      </div>
    </div>
  )
}
