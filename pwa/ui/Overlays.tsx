import { useEffect } from 'preact/hooks'
import { activeScreen } from '../commands/activeTab.ts'
import type { Sheet } from '../commands/view.ts'
import { useDesk } from './desk.ts'
import { lazy } from './kit/Lazy.tsx'

const Palette = lazy(() => import('./palette/Palette.tsx').then((module) => module.default))
const PromptDialog = lazy(() => import('./prompts/PromptDialog.tsx').then((module) => module.default))
const QuestionDialog = lazy(() => import('./sheets/QuestionDialog.tsx').then((module) => module.default))
const SettingsSheet = lazy(() => import('./sheets/SettingsSheet.tsx').then((module) => module.default))
const RelaysSheet = lazy(() => import('./sheets/RelaysSheet.tsx').then((module) => module.default))
const RelayLoginSheet = lazy(() => import('./sheets/RelayLoginSheet.tsx').then((module) => module.default))
const KeysSheet = lazy(() => import('./sheets/KeysSheet.tsx').then((module) => module.default))
const KnownHostsSheet = lazy(() => import('./sheets/KnownHostsSheet.tsx').then((module) => module.default))
const SessionsSheet = lazy(() => import('./sheets/SessionsSheet.tsx').then((module) => module.default))
const HandOffSheet = lazy(() => import('./sheets/HandOffSheet.tsx').then((module) => module.default))
const ArrivalSheet = lazy(() => import('./sheets/ArrivalSheet.tsx').then((module) => module.default))
const EditHostSheet = lazy(() => import('./sheets/EditHostSheet.tsx').then((module) => module.default))

/** What stands over everything else: a relay's question about the tab in front, the app's own, or a sheet. */
export function Overlays() {
  const desk = useDesk()
  const { app, view } = desk
  const prompt = app.prompts.open.value.find((open) => open.tabId === app.tabs.active.value)
  const question = view.question.value
  const sheet = view.sheet.value
  const arrived = view.handOff.value
  const own = arrived && app.endpoints.list.value.find((relay) => relay.own)
  const free = !prompt && !question && !sheet && !own
  useEffect(() => {
    // Whoever had the focus before may be gone or hidden by now: then the terminal has the keys.
    if (free && (document.activeElement ?? document.body) === document.body) activeScreen(desk)?.focus()
  }, [free, desk])
  return (
    <>
      {sheet && <SheetView sheet={sheet} />}
      {own && arrived && !sheet && !prompt && <ArrivalSheet handOff={arrived} endpoint={own} />}
      {prompt && !sheet && <PromptDialog key={`${prompt.id} ${promptRound(prompt.question)}`} prompt={prompt} />}
      {question && <QuestionDialog question={question} />}
    </>
  )
}

/** A question that becomes another begins anew. */
function promptRound(question: object): string {
  return 'judgement' in question ? String(question.judgement) : ''
}

function SheetView({ sheet }: { sheet: Sheet }) {
  const { app, view } = useDesk()
  const close = () => {
    if (view.sheet.peek() === sheet) view.sheet.value = undefined
  }
  switch (sheet.kind) {
    case 'palette':
      return <Palette close={close} />
    case 'settings':
      return <SettingsSheet close={close} />
    case 'relays':
      return <RelaysSheet add={sheet.add ?? false} close={close} />
    case 'relay-login': {
      const relay = app.endpoints.view(sheet.endpointId)
      return relay ? <RelayLoginSheet view={relay} close={close} /> : null
    }
    case 'keys':
      return <KeysSheet close={close} />
    case 'known-hosts':
      return <KnownHostsSheet close={close} />
    case 'sessions':
      return <SessionsSheet close={close} />
    case 'hand-off': {
      const tab = app.tabs.get(sheet.tabId)
      return tab ? <HandOffSheet tab={tab} close={close} /> : null
    }
    case 'edit-host': {
      const host = app.hosts.get(sheet.hostId)
      return host ? <EditHostSheet host={host} close={close} /> : null
    }
  }
}
