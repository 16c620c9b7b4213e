import { Bookmark, Ellipsis, Monitor, Pencil, Trash } from 'lucide'
import { type Target, targetText } from '../../../shared/target.ts'
import { connect } from '../../commands/connect.ts'
import { editHost } from '../../commands/edit-host.ts'
import { forgetHost } from '../../commands/forget-host.ts'
import { saveHost } from '../../commands/save-host.ts'
import type { BuiltInHost } from '../../model/hosts.ts'
import type { Host } from '../../store/schema.ts'
import { useDesk } from '../desk.ts'
import { Dot } from '../kit/Dot.tsx'
import { Icon } from '../kit/Icon.tsx'
import { Menu } from '../kit/Menu.tsx'
import { relayDot, relayStateText } from '../relays.ts'
import './HostList.css'

/** The hosts that are a click away, each with the relay it is reached through and how that stands. */
export function HostList() {
  const { app } = useDesk()
  const { builtIn, saved, recent } = app.hosts
  const what = targetWords(app.hosts.builtIn.value.length)
  return (
    <>
      <ul class="hosts" aria-label="Hosts">
        {builtIn.value.map((host) => (
          <BuiltIn key={host.endpointId} host={host} name={what(host)} />
        ))}
        {saved.value.map((host) => (
          <Known key={host.id} host={host} />
        ))}
      </ul>
      {recent.value.length > 0 && (
        <>
          <h2 class="hosts-head">Recent</h2>
          <ul class="hosts" aria-label="Recent hosts">
            {recent.value.map((host) => (
              <Known key={host.id} host={host} />
            ))}
          </ul>
        </>
      )}
    </>
  )
}

/** With several relays that have a host of their own, "this machine" needs its relay's name. */
function targetWords(count: number): (host: BuiltInHost) => string {
  return (host) => (count > 1 ? `${host.label} (${host.relayLabel})` : host.label)
}

function Route({ endpointId, waiting }: { endpointId: string; waiting: number }) {
  const { app } = useDesk()
  const relay = app.endpoints.view(endpointId)
  return (
    <span class="host-route">
      <Dot state={relay ? relayDot(relay) : 'bad'} />
      <span>
        {relay ? `${relay.label} · ${relayStateText(relay)}` : 'its relay is not known here'}
        {waiting > 0 && ` · ${waiting} open`}
      </span>
    </span>
  )
}

/** How many tabs are open on a target through a relay. */
function openTabs(desk: ReturnType<typeof useDesk>, target: Target, endpointId: string): number {
  const text = targetText(target)
  return desk.app.tabs.tabs.value.filter(
    (tab) => tab.record.value.endpointId === endpointId && targetText(tab.record.value.target) === text,
  ).length
}

function BuiltIn({ host, name }: { host: BuiltInHost; name: string }) {
  const desk = useDesk()
  return (
    <li class="host">
      <button type="button" class="host-go" onClick={() => void desk.run(connect, host)}>
        <span class="host-mark">
          <Icon of={Monitor} />
        </span>
        <span class="host-name">
          <span>{name}</span>
          <span class="mono">{host.shellMissing ? 'built-in host, files only' : 'built-in host'}</span>
        </span>
        <Route endpointId={host.endpointId} waiting={openTabs(desk, host.target, host.endpointId)} />
      </button>
    </li>
  )
}

function Known({ host }: { host: Host }) {
  const desk = useDesk()
  const address = targetText(host.target)
  const { target, endpointId, id } = host
  return (
    <li class="host">
      <button type="button" class="host-go" onClick={() => void desk.run(connect, { target, endpointId, hostId: id })}>
        <span class="host-mark mono" aria-hidden="true">
          {letters(host.label === address ? target.host : host.label)}
        </span>
        <span class="host-name">
          <bdi>{host.label}</bdi>
          {host.label !== address && <bdi class="mono">{address}</bdi>}
        </span>
        <Route endpointId={endpointId} waiting={openTabs(desk, target, endpointId)} />
      </button>
      <Menu
        name={`More for ${host.label}`}
        icon={Ellipsis}
        items={[
          ...(host.saved ? [] : [{ text: 'Save', icon: Bookmark, run: () => void desk.run(saveHost, id) }]),
          { text: 'Edit', icon: Pencil, run: () => void desk.run(editHost, id) },
          { text: 'Forget', icon: Trash, run: () => void desk.run(forgetHost, id) },
        ]}
      />
    </li>
  )
}

/** Two letters that stand for a name. */
function letters(name: string): string {
  const found = name.match(/[\p{L}\p{N}]/gu) ?? []
  return found.slice(0, 2).join('').toLocaleLowerCase()
}
