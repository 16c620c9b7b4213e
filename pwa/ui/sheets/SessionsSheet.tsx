import { useEffect, useRef, useState } from 'preact/hooks'
import { dismissSession } from '../../commands/dismiss-session.ts'
import { endSession } from '../../commands/end-session.ts'
import { takeUpSession } from '../../commands/take-up-session.ts'
import type { EndedSession, HeldBy, HeldSession } from '../../model/heldSessions.ts'
import { useDesk } from '../desk.ts'
import { agoText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Dot } from '../kit/Dot.tsx'
import { relayStateText } from '../relays.ts'
import './RelaysSheet.css'
import './SessionsSheet.css'

/** What the relays hold for this login, in whatever browser it was opened, to take it up or to end it. */
export default function SessionsSheet({ close }: { close(): void }) {
  const { app } = useDesk()
  useEffect(() => app.heldSessions.watch(), [app])
  const relays = app.heldSessions.list.value
  return (
    <Dialog
      title={relays.length > 1 ? 'Sessions on the relays' : 'Sessions on the relay'}
      wide
      onClose={close}
      onSubmit={close}
      actions={
        <Button kind="primary" type="submit" autofocus>
          Done
        </Button>
      }
    >
      <p>They go on when a tab is put away or a browser is gone, until they are ended or nobody comes back.</p>
      {relays.map((relay) => (
        <OfRelay key={relay.endpoint.id} relay={relay} named={relays.length > 1} />
      ))}
    </Dialog>
  )
}

function OfRelay({ relay: { endpoint, sessions, ended, failure }, named }: { relay: HeldBy; named: boolean }) {
  const Heading = named ? 'h4' : 'h3'
  return (
    <section class="held" aria-label={`Sessions on relay ${endpoint.label}`}>
      {named && <h3>{endpoint.label}</h3>}
      {sessions === undefined ? (
        <p role="status">{failure ? `${failure.message}. ${failure.remedy}` : relayStateText(endpoint)}</p>
      ) : sessions.length === 0 ? (
        <p role="status">Nothing goes on there now.</p>
      ) : (
        <ul class="relays">
          {sessions.map((session) => (
            <Session key={session.sessionId} session={session} />
          ))}
        </ul>
      )}
      {ended.length > 0 && (
        <>
          <Heading>Ended while you were away</Heading>
          <ul class="relays">
            {ended.map((session) => (
              <Ended key={session.sessionId} session={session} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

const whose = { here: 'in this window', elsewhere: 'in another window or device', nobody: 'nobody attached' }

/** Somebody without the key may see a session and end it, not take it up. */
function Session({ session }: { session: HeldSession }) {
  const [ending, end] = useState<boolean>()
  const row = useRef<HTMLLIElement>(null)
  // Whoever keeps it is back where the question was asked.
  useEffect(() => {
    if (ending === false) row.current?.querySelector<HTMLElement>('button:last-of-type')?.focus()
  }, [ending])
  const { label, detail, attached, keyed, ageMs, quietMs, bytes } = session
  const facts = [
    `Open for ${agoText(ageMs)}`,
    bytes === 0 ? 'no output yet' : `last output ${agoText(quietMs)} ago`,
    whose[attached],
    ...(keyed ? [] : ['opened in another browser']),
  ]
  if (ending) return <Ending session={session} keep={() => end(false)} />
  return (
    <li ref={row}>
      <Dot state={attached === 'nobody' ? 'off' : 'ok'} />
      <div>
        <b>
          <bdi>{label}</bdi>
        </b>
        {detail && <bdi class="mono">{detail}</bdi>}
        <span>{facts.join(' · ')}</span>
      </div>
      <div class="held-actions">
        {keyed && <TakeUp session={session} />}
        <Button aria-label={`End ${label}`} onClick={() => end(true)}>
          End
        </Button>
      </div>
    </li>
  )
}

/** What showed its last screen to nobody: it can still be read. */
function Ended({ session: { sessionId, label, message, heldAt } }: { session: EndedSession }) {
  const desk = useDesk()
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    const dialog = row.current?.closest('dialog')
    // Where the row goes the focus must not go with it.
    return () => dialog?.querySelector<HTMLElement>('button[type=submit]')?.focus()
  }, [])
  return (
    <li ref={row}>
      <Dot state="off" />
      <div>
        <b>
          <bdi>{label}</bdi>
        </b>
        <span>{message}</span>
        <span>{`Put away ${agoText(Date.now() - heldAt)} ago`}</span>
      </div>
      <div class="held-actions">
        <Button aria-label={`Read ${label}`} onClick={() => void desk.run(takeUpSession, sessionId)}>
          Read
        </Button>
        <Button aria-label={`Dismiss ${label}`} onClick={() => void desk.run(dismissSession, sessionId)}>
          Dismiss
        </Button>
      </div>
    </li>
  )
}

/** What ends a program is asked about, and keeping it is the default. */
function Ending({ session: { endpointId, sessionId, label }, keep }: { session: HeldSession; keep(): void }) {
  const desk = useDesk()
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    const dialog = row.current?.closest('dialog')
    row.current?.querySelector('button')?.focus()
    // Where the row goes the focus must not go with it.
    return () => dialog?.querySelector<HTMLElement>('button[type=submit]')?.focus()
  }, [])
  return (
    <li ref={row}>
      <div role="alert">
        <b>
          End <bdi>{label}</bdi>?
        </b>
        <span>Its program is told to stop, and what it shows is gone.</span>
      </div>
      <div class="held-actions">
        <Button onClick={keep}>Keep</Button>
        <Button kind="danger" onClick={() => void desk.run(endSession, { endpointId, sessionId })}>
          End session
        </Button>
      </div>
    </li>
  )
}

function TakeUp({ session: { sessionId, label, tabId } }: { session: HeldSession }) {
  const desk = useDesk()
  const verb = tabId === undefined ? 'Take up' : 'Show'
  return (
    <Button aria-label={`${verb} ${label}`} onClick={() => void desk.run(takeUpSession, sessionId)}>
      {verb}
    </Button>
  )
}
