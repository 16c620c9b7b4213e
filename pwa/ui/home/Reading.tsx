import type { readTarget } from '../../../shared/target.ts'
import type { EndpointView } from '../../model/endpoints.ts'
import { useDesk } from '../desk.ts'
import { hostText } from '../format.ts'
import { relayStateText } from '../relays.ts'

/** What the typed text is understood as, in words, while it is typed; or what is wrong with it. */
export function Reading({
  id,
  text,
  reading,
  relay,
  choose,
}: {
  id: string
  text: string
  reading: ReturnType<typeof readTarget>
  relay: EndpointView | undefined
  choose(endpointId: string): void
}) {
  const { app, view } = useDesk()
  if (!text.trim()) return <p id={id} class="reading" />
  if (!reading.ok) {
    return (
      <p id={id} class="reading wrong">
        {reading.problem}
      </p>
    )
  }
  const { target, notes } = reading
  const { term, header } = view.launchOf(target)
  const relays = app.endpoints.list.value
  return (
    <p id={id} class="reading">
      {target.scheme === 'sftp' && 'the files of '}
      {target.username && (
        <>
          <b>{target.username}</b> on{' '}
        </>
      )}
      <b>{hostText(target.host)}</b>
      {target.port !== undefined && target.port !== 22 && (
        <>
          , port <b>{target.port}</b>
        </>
      )}
      {target.path && (
        <>
          , in <b>{target.path}</b>
        </>
      )}
      {target.command && (
        <>
          , to run <b>{target.command}</b>
        </>
      )}
      {target.jump.map((hop, index) => (
        <span key={index}>
          , through <b>{hostText(hop.host)}</b>
        </span>
      ))}
      {relay && ', by way of relay '}
      {relay && relays.length > 1 ? (
        <select aria-label="Relay" value={relay.id} onChange={(event) => choose(event.currentTarget.value)}>
          {relays.map((one) => (
            <option key={one.id} value={one.id}>
              {one.label}
            </option>
          ))}
        </select>
      ) : (
        <b>{relay?.label}</b>
      )}
      {relay && ` (${relayStateText(relay)})`}
      {header && (
        <span class="reading-note">
          The address calls it “<bdi>{header}</bdi>”.
        </span>
      )}
      {term && <span class="reading-note">The terminal will call itself {term}.</span>}
      {notes.map((note) => (
        <span key={note} class="reading-note">
          {note}
        </span>
      ))}
    </p>
  )
}
