import { Check, Copy, RotateCcw, Server, X } from 'lucide'
import { closeTab } from '../../commands/close-tab.ts'
import { copyReport } from '../../commands/copy-report.ts'
import { openRelays } from '../../commands/open-relays.ts'
import { reconnect } from '../../commands/reconnect.ts'
import type { AppFailure } from '../../model/failure.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { durationText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Icon } from '../kit/Icon.tsx'
import { failureTitle, stepText } from './steps.ts'
import './FailureView.css'

/** Where a connect stopped: the steps that were passed, the one that failed, and what can be done. */
export function FailureView({ tab, failure }: { tab: TabView; failure: AppFailure }) {
  const desk = useDesk()
  const relay = desk.app.endpoints.view(tab.record.value.endpointId)
  return (
    <div class="failure-pane">
      <section class="failure" aria-label="What went wrong">
        <h2>{failureTitle(failure, tab.record.value.target.host)}</h2>
        <ol>
          {relay && failure.phase !== 'relay' && (
            <li>
              <Icon of={Check} name="Passed" />
              <span>Relay {relay.label}</span>
              <span class="ms">
                {relay.link.roundTrip.value !== undefined && durationText(relay.link.roundTrip.value)}
              </span>
            </li>
          )}
          {failure.steps?.map((step) => (
            <li key={step.phase}>
              <Icon of={Check} name="Passed" />
              <span>{stepText(step)}</span>
              <span class="ms">{durationText(step.ms)}</span>
            </li>
          ))}
          <li class="failed">
            <Icon of={X} name="Failed" />
            <span role="alert">
              {failure.message}.<small>{failure.remedy}</small>
            </span>
          </li>
        </ol>
        <div class="failure-actions">
          <Button kind="primary" icon={RotateCcw} autofocus onClick={() => void desk.run(reconnect, tab.id)}>
            {failure.phase === 'login' ? 'Log in again' : 'Try again'}
          </Button>
          {failure.phase === 'relay' && (
            <Button icon={Server} onClick={() => void desk.run(openRelays)}>
              Relays
            </Button>
          )}
          <Button icon={Copy} onClick={() => void desk.run(copyReport, tab.id)}>
            Copy report
          </Button>
          <Button kind="bare" onClick={() => void desk.run(closeTab, tab.id)}>
            Close tab
          </Button>
        </div>
      </section>
    </div>
  )
}
