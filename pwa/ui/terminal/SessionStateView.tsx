import { useRef, useState } from 'preact/hooks'
import { disconnect } from '../../commands/disconnect.ts'
import { reconnect } from '../../commands/reconnect.ts'
import { takeBackSession } from '../../commands/take-back-session.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { agoText, countText, sizeText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dot } from '../kit/Dot.tsx'
import { Keys } from '../kit/Keys.tsx'
import { lazy } from '../kit/Lazy.tsx'
import { useSteadyNow } from '../seconds.ts'
import { DrainingView } from './DrainingView.tsx'
import { HeldInputView } from './HeldInputView.tsx'
import './SessionStateView.css'

const FailureView = lazy(() => import('./FailureView.tsx').then((module) => module.FailureView))

/** What has to be said about a session, where it is: connecting, detached, taken elsewhere, ended, failed. */
export function SessionStateView({ tab }: { tab: TabView }) {
  const { session } = tab
  const state = session.state.value
  const failure = session.failure.value
  const used = useRef(false)
  if (state === 'open' || state === 'detached') used.current = true
  const ends = session.link?.ends.value
  if (session.takenElsewhere.value) return <TakenElsewhere tab={tab} />
  if (state === 'connecting' || state === 'prompting') return <Connecting tab={tab} over={used.current} />
  if (state === 'detached') return <Detached tab={tab} />
  if (state === 'closed' && failure) return <FailureView tab={tab} failure={failure} />
  if (state === 'closed' && session.ended.value) return <Ended tab={tab} />
  if (ends !== undefined) return <DrainingView tab={tab} ends={ends} />
  if (session.heldInput.value) return <HeldInputView session={session} />
  return <Gap tab={tab} />
}

function relayLabel(tab: TabView, desk: ReturnType<typeof useDesk>): string {
  return desk.app.endpoints.view(tab.record.value.endpointId)?.label ?? 'that is not known here'
}

/** `over` what the former session has left on the screen, it is a banner. */
function Connecting({ tab, over }: { tab: TabView; over: boolean }) {
  const desk = useDesk()
  const link = tab.session.link
  const waiting = link !== undefined && link.state.value !== 'online'
  const banner = tab.session.banner.value
  return (
    <div class={over ? 'banner late' : 'connecting late'}>
      <div class="connecting-to" role="status">
        <Dot state="busy" />
        <span>
          {waiting ? 'Waiting for relay ' : 'Connecting to '}
          <b>{waiting ? relayLabel(tab, desk) : tab.record.value.target.host}</b>
          {!waiting && (
            <>
              {' '}
              through relay <b>{relayLabel(tab, desk)}</b>
            </>
          )}
        </span>
      </div>
      {waiting && link.failure.value && <p>{`${link.failure.value.message}. ${link.failure.value.remedy}`}</p>}
      {banner && <pre>{banner}</pre>}
      <Button onClick={() => void desk.run(disconnect, tab.id)}>Cancel</Button>
    </div>
  )
}

function Detached({ tab }: { tab: TabView }) {
  const desk = useDesk()
  const now = useSteadyNow()
  const { session } = tab
  const link = session.link
  const heard = link?.lastHeard.value
  const silence = heard === undefined ? 0 : now - heard.steady
  const waiting = session.pendingInput.value + (session.heldInput.value?.characters ?? 0)
  const failure =
    link?.state.value === 'login-required' || link?.state.value === 'refused' ? link.failure.value : undefined
  return (
    <div class="banner" role="status">
      <Dot state="busy" />
      <div>
        <p>
          {link?.state.value === 'online' ? 'Taking up the session on relay ' : 'Reconnecting to relay '}
          <b>{relayLabel(tab, desk)}</b>. The session goes on there.
        </p>
        {silence > 1500 && <p>Last heard {agoText(silence)} ago</p>}
        {waiting > 0 && (
          <p class="waiting-input">
            {countText(waiting, 'character')} {waiting === 1 ? 'waits' : 'wait'} for the relay
          </p>
        )}
        {failure && <p>{`${failure.message}. ${failure.remedy}`}</p>}
      </div>
    </div>
  )
}

function TakenElsewhere({ tab }: { tab: TabView }) {
  const desk = useDesk()
  const here = tab.record.value.window === desk.app.window.id
  return (
    <div class="banner" role="status">
      <Dot state="off" />
      <div>
        <p>Another {here ? 'device' : 'window'} has this session.</p>
        <p>What you type here does not reach it.</p>
      </div>
      <Button kind="primary" onClick={() => void desk.run(takeBackSession)}>
        Take it back
      </Button>
    </div>
  )
}

function Ended({ tab }: { tab: TabView }) {
  const desk = useDesk()
  const ended = tab.session.ended.value
  return (
    <div class="ended" role="status">
      <Dot state="off" />
      <span>{ended?.message}</span>
      <Button onClick={() => void desk.run(reconnect, tab.id)}>
        <span class="ended-go">
          Open a new shell <Keys keys="Enter" />
        </span>
      </Button>
    </div>
  )
}

function Gap({ tab }: { tab: TabView }) {
  const [seen, see] = useState<number>()
  const gap = tab.session.gap.value
  if (!gap || seen === gap) return null
  return (
    <div class="banner" role="status">
      <Dot state="warn" />
      <div>
        <p>{sizeText(gap)} of output came while nobody was attached and could not be kept.</p>
      </div>
      <Button onClick={() => see(gap)}>All right</Button>
    </div>
  )
}
