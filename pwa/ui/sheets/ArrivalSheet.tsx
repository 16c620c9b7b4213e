import { useEffect, useState } from 'preact/hooks'
import type { ListedSession } from '../../../shared/protocol.ts'
import { logInToRelay } from '../../commands/log-in-to-relay.ts'
import type { EndpointView } from '../../model/endpoints.ts'
import { type AppFailure, Failed, failureOf } from '../../model/failure.ts'
import type { HandOff } from '../../model/handOff.ts'
import { plainLine } from '../../model/plainText.ts'
import { useDesk } from '../desk.ts'
import { agoText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'

type Found = { session: ListedSession } | { failure: AppFailure } | undefined

/** What a link from another device leads to; only a click takes it up. Waits for the log-in to the relay. */
export default function ArrivalSheet({ handOff, endpoint }: { handOff: HandOff; endpoint: EndpointView }) {
  const desk = useDesk()
  const { app, view } = desk
  const [found, show] = useState<Found>()
  const hello = endpoint.link.hello.value
  useEffect(() => {
    if (!hello) return
    app.heldSessions.find(endpoint, handOff.sessionId).then(
      (session) => show(session ? { session } : { failure: new Failed('session-over').failure }),
      (error) => show({ failure: failureOf(error) }),
    )
  }, [app, endpoint, handOff, hello])
  const close = () => {
    view.handOff.value = undefined
  }
  const login = endpoint.link.state.value === 'login-required'
  const here = hello && found && 'session' in found ? found.session : undefined
  const go = () => {
    if (login) void desk.run(logInToRelay, endpoint.id)
    else if (here)
      app.heldSessions.accept(endpoint, handOff).then(close, (error) => show({ failure: failureOf(error) }))
  }
  return (
    <Dialog
      title="Continue a session here?"
      onClose={close}
      onSubmit={go}
      actions={
        <>
          <Button onClick={close}>{found && 'failure' in found ? 'Close' : 'Not now'}</Button>
          {login ? (
            <Button kind="primary" type="submit">
              Log in to the relay
            </Button>
          ) : (
            here && (
              <Button kind="primary" type="submit">
                Continue here
              </Button>
            )
          )}
        </>
      }
    >
      <Arrival endpoint={endpoint} found={hello && found} login={login} />
    </Dialog>
  )
}

function Arrival({ endpoint, found, login }: { endpoint: EndpointView; found: Found; login: boolean }) {
  if (login) {
    return (
      <p>
        The session is on relay <b>{endpoint.label}</b>, which wants its password first.
      </p>
    )
  }
  if (!found) return <p role="status">Looking for the session on relay {endpoint.label}…</p>
  if ('failure' in found) return <p role="alert">{`${found.failure.message}. ${found.failure.remedy}`}</p>
  const { username, host, command, ageMs } = found.session
  return (
    <p>
      <b class="mono">{plainLine(`${username}@${host}`, 300)}</b>
      {command && (
        <>
          {' '}
          running <code>{plainLine(command, 100)}</code>
        </>
      )}
      , open for {agoText(ageMs)}. The other device lets go of it and can take it back.
    </p>
  )
}
