import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { Dot } from '../kit/Dot.tsx'
import { useSteadyNow } from '../seconds.ts'

/** The relay shuts down: how long its sessions still live. @param ends on the steady clock */
export function DrainingView({ tab, ends }: { tab: TabView; ends: number }) {
  const relay = useDesk().app.endpoints.view(tab.record.value.endpointId)
  const left = Math.max(0, Math.ceil((ends - useSteadyNow()) / 1000))
  return (
    <div class="banner">
      <Dot state="warn" />
      <div>
        <p role="timer">
          Relay <b>{relay?.label}</b> shuts down {whenText(left)}.
        </p>
        <p role="alert">The session ends with it. What the program has shown stays here.</p>
      </div>
    </div>
  )
}

/** @param left seconds */
function whenText(left: number): string {
  if (left === 0) return 'now'
  return left < 120 ? `in ${countText(left, 'second')}` : `in ${countText(Math.ceil(left / 60), 'minute')}`
}
