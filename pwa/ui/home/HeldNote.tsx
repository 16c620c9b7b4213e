import { showSessions } from '../../commands/show-sessions.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dot } from '../kit/Dot.tsx'
import './RelayNotes.css'

/** The sessions whose tabs were put away, while there are any: they go on unseen, or have ended and can be read. */
export function HeldNote() {
  const desk = useDesk()
  const { going, ended } = desk.app.heldSessions.away.value
  if (going + ended === 0) return null
  return (
    <section class="note-card calm" aria-label="Sessions without a tab">
      <Dot state={going > 0 ? 'ok' : 'off'} />
      <div>
        <b>
          {going > 0
            ? `${countText(going, 'session goes', 'sessions go')} on without a tab`
            : `${countText(ended, 'session', 'sessions')} ended while you were away`}
        </b>
        {going > 0 && ended > 0 && <p>{countText(ended, 'more has ended', 'more have ended')} meanwhile</p>}
      </div>
      <Button onClick={() => void desk.run(showSessions)}>Show</Button>
    </section>
  )
}
