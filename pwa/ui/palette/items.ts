import { ArrowUpRight, Bell, type IconNode, Monitor } from 'lucide'
import { readTarget, targetText } from '../../../shared/target.ts'
import { connect } from '../../commands/connect.ts'
import type { Desk } from '../../commands/desk.ts'
import { commands } from '../../commands/index.ts'
import { showTab } from '../../commands/show-tab.ts'
import type { DotState } from '../kit/Dot.tsx'
import { relayDot } from '../relays.ts'
import { tabState } from '../tabs/state.ts'
import type { PaletteItem } from './choices.ts'
import { commandIcon } from './commandIcon.ts'

/** An item with what it does. `always` stands below the matches, whatever was typed. */
export interface Choice extends PaletteItem {
  icon?: IconNode | undefined
  dot?: DotState | undefined
  always?: boolean
  run(): void
}

/** Everything that the palette offers now. Reads signals. */
export function choices(desk: Desk, text: string): Choice[] {
  return [...tabs(desk), ...runnable(desk), ...hosts(desk), ...typed(desk, text)]
}

function tabs(desk: Desk): Choice[] {
  const { app, view } = desk
  return app.tabs.tabs.value
    .filter((tab) => tab.id !== app.tabs.active.value)
    .map((tab) => ({
      id: `tab ${tab.id}`,
      group: 'Tabs',
      title: tab.title.value,
      detail: targetText(tab.record.value.target),
      ...(view.rung.value.has(tab.id) ? { icon: Bell } : { dot: tabState(tab).dot }),
      run: () => void desk.run(showTab, tab.id),
    }))
}

function runnable(desk: Desk): Choice[] {
  return commands
    .filter((command) => !command.needsArgument && command.id !== 'open-palette' && desk.can(command))
    .map((command) => ({
      id: command.id,
      group: 'Commands',
      title: desk.title(command),
      keys: desk.keys(command),
      icon: commandIcon(command.id),
      run: () => void desk.run(command),
    }))
}

function hosts(desk: Desk): Choice[] {
  const { endpoints, hosts } = desk.app
  const relayOf = (endpointId: string) => endpoints.view(endpointId)
  return [
    ...hosts.builtIn.value.map((host) => ({
      id: `built-in ${host.endpointId}`,
      group: 'Hosts' as const,
      title: host.label,
      detail: `via ${host.relayLabel}`,
      icon: Monitor,
      run: () => void desk.run(connect, host),
    })),
    ...[...hosts.saved.value, ...hosts.recent.value].map(({ id, label, target, endpointId }) => {
      const relay = relayOf(endpointId)
      const address = targetText(target)
      return {
        id: `host ${id}`,
        group: 'Hosts' as const,
        title: label,
        detail: [label !== address && address, relay && `via ${relay.label}`].filter(Boolean).join(' '),
        dot: relay ? relayDot(relay) : ('bad' as const),
        run: () => void desk.run(connect, { target, endpointId, hostId: id }),
      }
    }),
  ]
}

/** What was typed, if it reads as a host: a name that is nothing else, too, once it looks like an address. */
function typed(desk: Desk, text: string): Choice[] {
  const reading = /[@.:]|^ssh |^sftp /.test(text) ? readTarget(text) : undefined
  const relay = desk.app.endpoints.preferred.value
  if (!reading?.ok || !relay) return []
  const { target } = reading
  return [
    {
      id: 'connect',
      group: 'Connect',
      title: `Connect to ${targetText(target)}`,
      detail: `via ${relay.label}`,
      icon: ArrowUpRight,
      always: true,
      run: () => void desk.run(connect, { target, endpointId: relay.id }),
    },
  ]
}
