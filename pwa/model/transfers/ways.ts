import type { Destination, Transfer } from '../../store/schema.ts'
import type { Sftp } from '../sftp.ts'
import type { TabView } from '../tabs.ts'
import { destinationKey, destinationOf, isUsable } from './destination.ts'
import type { Slots } from './slots.ts'
import type { TransfersPorts } from './transfersPorts.ts'

/** The files of the hosts that a transfer works on, for one run of it. */
export interface Ways {
  from?: Sftp | undefined
  to?: Sftp | undefined
  /** Whether one relay has both. */
  near: boolean
  slots: Slots
}

/** A tab by which a host can be reached now. */
export interface Way {
  tab: TabView
  key: string
}

/** The tabs for the ends of a transfer. */
export interface Ends {
  from?: TabView
  to?: TabView
}

/** All tabs by which hosts can be reached without a question; reads signals. */
export function openWays(
  { tabs, endpoints, hosts }: Pick<TransfersPorts, 'tabs' | 'endpoints' | 'hosts'>,
  asked: ReadonlySet<string>,
): Way[] {
  return tabs.tabs.value
    .filter((tab) => isUsable(tab, endpoints, asked))
    .map((tab) => ({ tab, key: destinationKey(destinationOf(tab, hosts)) }))
}

/** The tabs for both ends; for a copy those that one relay has, where there are such. Undefined where an end cannot be reached. */
export function endsOf({ from, to }: Pick<Transfer, 'from' | 'to'>, ways: readonly Way[]): Ends | undefined {
  const of = (end: Destination | undefined) => {
    const key = end && destinationKey(end)
    const open = ways.filter((way) => way.key === key).map(({ tab }) => tab)
    return open.sort((a, b) => Number(b.sftp.state.peek() === 'open') - Number(a.sftp.state.peek() === 'open'))
  }
  const [froms, tos] = [of(from), of(to)]
  if ((from && froms.length === 0) || (to && tos.length === 0)) return undefined
  const pair = froms.flatMap((one) =>
    tos.flatMap((other) => (relayOf(one) === relayOf(other) ? [[one, other]] : [])),
  )[0]
  const [one, other] = pair ?? [froms[0], tos[0]]
  return { ...(from && one && { from: one }), ...(to && other && { to: other }) }
}

/** The conversations of both ends: one where they are the same files. */
export function waysOf({ from, to }: Ends, slots: Slots): Ways {
  return { from: from?.sftp, to: to?.sftp, near: relayOf(from) === relayOf(to), slots }
}

/** Whose turn is counted together: the host that is written to, else the one that is read. */
export function turnOf({ from, to }: Pick<Transfer, 'from' | 'to'>): string {
  const end = to ?? from
  return end ? destinationKey(end) : ''
}

function relayOf(tab: TabView | undefined): string | undefined {
  return tab?.record.peek().endpointId
}
