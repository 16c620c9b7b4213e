import type { Transfer } from '../../store/schema.ts'
import type { AppFailure } from '../failure.ts'
import { destinationText } from './destinationText.ts'
import type { OwnTransfer } from './ownTransfer.ts'
import type { Summary, TransferState, TransferView } from './transferView.ts'

/** How a transfer goes that is to be done. */
export type Going = 'queued' | 'running' | 'waiting' | 'asking'

/** What this window knows of one that it has. */
interface Known {
  transfer: OwnTransfer
  going: Going
  failure: AppFailure | undefined
}

/** All transfers as they are shown, in the order in which they were begun. */
export function viewsOf(
  records: readonly Transfer[],
  known: (id: string) => Known | undefined = () => undefined,
): readonly TransferView[] {
  return records.toSorted((a, b) => a.createdAt - b.createdAt).map((record) => viewOf(record, known(record.id)))
}

/** A transfer as it is shown, by what is kept of it and what the window knows that has it. */
function viewOf(kept: Transfer, own: Known | undefined): TransferView {
  const record = own?.transfer.record ?? kept
  const { id, kind, title, files, filesDone, skipped, total, problems, problemCount, listed, live, source } = record
  const state: TransferState = record.state === 'queued' ? (own?.going ?? live?.state ?? 'waiting') : record.state
  const bytes = record.state === 'done' ? total : Math.min(total, own ? own.transfer.bytes : record.bytes)
  const rate = state !== 'running' ? 0 : own ? own.transfer.rate : (live?.rate ?? 0)
  return {
    id,
    kind,
    title,
    where: whereOf(record),
    state,
    listing: !listed,
    bytes,
    total,
    files,
    filesDone,
    skipped,
    rate,
    left: listed && rate > 0 ? (total - bytes) / rate : undefined,
    // One that goes on again has nothing to be told about.
    failure: record.failure ?? (state === 'waiting' ? own?.failure : undefined),
    problems,
    problemCount,
    current: state === 'running' ? (own ? own.transfer.current : live?.current) : undefined,
    source: state === 'needs-file' ? (source ?? 'person') : undefined,
  }
}

function whereOf({ from, to, directory }: Transfer): string {
  if (to) return `${destinationText(to)}:${directory ?? ''}`
  return from ? destinationText(from) : ''
}

const isWaiting = new Set<TransferState>(['queued', 'waiting', 'paused', 'asking', 'needs-file'])

/** All transfers in one line. */
export function summaryOf(items: readonly TransferView[]): Summary {
  const running = items.filter(({ state }) => state === 'running')
  const waiting = items.filter(({ state }) => isWaiting.has(state))
  const sum = (of: (item: TransferView) => number) => [...running, ...waiting].reduce((all, item) => all + of(item), 0)
  const [bytes, total, rate] = [sum((item) => item.bytes), sum((item) => item.total), sum((item) => item.rate)]
  const counted = running.every(({ listing }) => !listing)
  const rest = running.reduce((all, item) => all + item.total - item.bytes, 0)
  return {
    active: running.length,
    waiting: waiting.length,
    failed: items.filter(({ state }) => state === 'failed').length,
    bytes,
    total,
    rate,
    left: counted && rate > 0 ? rest / rate : undefined,
  }
}
