import type { Destination } from '../../store/schema.ts'
import type { Endpoints } from '../endpoints.ts'
import type { Hosts } from '../hosts.ts'
import type { TabView } from '../tabs.ts'

/** The files that a tab shows: of whom, where. The same host through another relay, or another way, is the same: its key says so. */
export function destinationOf({ record, sftp }: TabView, hosts: Hosts): Destination {
  const { endpointId, target } = record.value
  const { host, port = 22, username = '' } = target
  // Each relay has its own "this machine".
  const built = hosts.builtIn.value.some(
    (one) => one.endpointId === endpointId && one.target.host === host && (one.target.port ?? 22) === port,
  )
  const by = [...(built ? [endpointId] : []), ...(sftp.asRoot.value ? ['root'] : [])].join(' ')
  return { username, host, port, by }
}

/** A text that is the same for the same files. */
export function destinationKey({ username, host, port, by }: Destination): string {
  return JSON.stringify([username, host, port, by])
}

/**
 * Whether a tab's files can be reached now without asking the person: they are open, or its shell is, beside which they open.
 * @param asked tabs by which a person has begun a transfer in this page: a login may be asked for again
 */
export function isUsable(tab: TabView, endpoints: Endpoints, asked: ReadonlySet<string>): boolean {
  const { session, sftp, record } = tab
  const endpoint = endpoints.list.value.find(({ id }) => id === record.value.endpointId)
  if (!endpoint?.link.hello.value?.features.includes('files') || session.takenElsewhere.value) return false
  if (sftp.state.value !== 'closed') return true
  if (sftp.asRoot.value) return false
  if (session.state.value === 'open') return true
  return session.state.value === 'closed' && asked.has(tab.id)
}
