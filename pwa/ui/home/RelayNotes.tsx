import { TriangleAlert } from 'lucide'
import { logInToRelay } from '../../commands/log-in-to-relay.ts'
import { retryRelay } from '../../commands/retry-relay.ts'
import { unlockVault } from '../../commands/unlock-vault.ts'
import type { EndpointView } from '../../model/endpoints.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dot } from '../kit/Dot.tsx'
import { Icon } from '../kit/Icon.tsx'
import { relayDot } from '../relays.ts'
import './RelayNotes.css'

/** What stands in the way of connecting: a relay that wants its password, is not reachable or refuses; plain http. */
export function RelayNotes() {
  const { app } = useDesk()
  const inTheWay = app.endpoints.list.value.filter(({ link }) => !/online|connecting/.test(link.state.value))
  return (
    <>
      {!isSecureContext && (
        <section class="note-card" aria-label="Not a secure page">
          <Icon of={TriangleAlert} />
          <div>
            <b>This page came over plain http</b>
            <p>
              Anyone on the way can read and change it, and the browser withholds what sessions need to survive a lost
              connection. Start the relay with <code>--tls-cert</code> and <code>--tls-key</code>, put it behind a proxy
              with TLS, or reach it through an SSH tunnel as localhost.
            </p>
          </div>
        </section>
      )}
      {inTheWay.map((relay) => (
        <RelayNote key={relay.id} relay={relay} />
      ))}
    </>
  )
}

function RelayNote({ relay }: { relay: EndpointView }) {
  const desk = useDesk()
  const { link } = relay
  const login = link.state.value === 'login-required'
  if (login && relay.loginSealed && desk.can(unlockVault)) {
    return (
      <section class="note-card" aria-label={`Relay ${relay.label}`}>
        <Dot state={relayDot(relay)} />
        <div>
          <b>The login to this relay is in the vault</b>
          <p>{relay.label}</p>
        </div>
        <Button kind="primary" onClick={() => void desk.run(unlockVault)}>
          Unlock
        </Button>
      </section>
    )
  }
  return (
    <section class="note-card" aria-label={`Relay ${relay.label}`}>
      <Dot state={relayDot(relay)} />
      <div>
        <b>{link.failure.value?.message ?? 'The relay does not answer'}</b>
        <p>
          {relay.label}
          {link.failure.value && ` · ${link.failure.value.remedy}`}
        </p>
      </div>
      {login ? (
        <Button kind="primary" onClick={() => void desk.run(logInToRelay, relay.id)}>
          {link.failure.value?.code === 'set-up-required' ? 'Set up' : 'Log in'}
        </Button>
      ) : (
        <Button onClick={() => void desk.run(retryRelay, relay.id)}>Try now</Button>
      )}
    </section>
  )
}
