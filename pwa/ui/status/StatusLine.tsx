import { activeTab } from '../../commands/activeTab.ts'
import { openRelays } from '../../commands/open-relays.ts'
import { shortDirectory } from '../../model/shortDirectory.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { Dot } from '../kit/Dot.tsx'
import { lazy } from '../kit/Lazy.tsx'
import { WatchedStatus } from '../preview/WatchedStatus.tsx'
import { relayDot, relayStateText } from '../relays.ts'
import { tabState } from '../tabs/state.ts'
import { VaultStatus } from '../vault/VaultStatus.tsx'
import './StatusLine.css'

const TransferStatus = lazy(() => import('../transfers/TransferStatus.tsx').then((module) => module.default))

/** The line at the foot: which host through which relay, how far that is, the directory, the size of the terminal. */
export function StatusLine() {
  const desk = useDesk()
  const tab = activeTab(desk)
  return <footer class={tab ? 'status of-tab' : 'status'}>{tab ? <TabStatus tab={tab} /> : <RelayStatus />}</footer>
}

function TabStatus({ tab }: { tab: TabView }) {
  const desk = useDesk()
  const { record, session } = tab
  const { view, label, header, endpointId } = record.value
  const relay = desk.app.endpoints.view(endpointId)
  const { dot, name } = tabState(tab)
  const size = session.screen.value?.size
  const directory = session.directory.value
  return (
    <>
      <button type="button" class="status-item" data-tip="Relays" onClick={() => void desk.run(openRelays)}>
        <Dot state={dot} name={name} />
        <span>
          <b>{label}</b> via {relay ? `${relay.label} · ${relayStateText(relay)}` : 'a relay that is not known here'}
        </span>
      </button>
      {header && <span class="status-item header">{header}</span>}
      {directory && (
        <span class="status-item directory">{shortDirectory(directory, record.value.target.username)}</span>
      )}
      <span class="status-rest" />
      {desk.app.transfers.items.value.length > 0 && <TransferStatus />}
      <WatchedStatus />
      <VaultStatus />
      {size && view.terminal && (
        <span class="status-item">
          {size.cols} × {size.rows}
        </span>
      )}
    </>
  )
}

function RelayStatus() {
  const desk = useDesk()
  return (
    <>
      {desk.app.endpoints.list.value.map((relay) => (
        <button
          key={relay.id}
          type="button"
          class="status-item"
          data-tip="Relays"
          onClick={() => void desk.run(openRelays)}
        >
          <Dot state={relayDot(relay)} />
          <span>
            <b>{relay.label}</b> {relayStateText(relay)}
          </span>
        </button>
      ))}
      <span class="status-rest" />
      {desk.app.transfers.items.value.length > 0 && <TransferStatus />}
      <WatchedStatus />
      <VaultStatus />
    </>
  )
}
