import { isIdle, type Own } from './own.ts'
import { type Ends, endsOf, turnOf, type Way } from './ways.ts'

/** Transfers at once to one host. */
const AT_ONCE = 3

/** What is to be done now with a transfer that this window has. */
export type Turn = { own: Own } & (
  | { to: 'leave' | 'tidy' | 'wait' | 'queue' }
  | { to: 'start'; ends: Ends; host: string }
)

/**
 * Whose turn it is: the oldest first, so many at once to one host, and not before its time.
 * @param now of the steady clock, in milliseconds
 * @returns `next`: when to look again, if nothing else happens
 */
export function turnsOf(all: Iterable<Own>, ways: readonly Way[], now: number): { turns: Turn[]; next: number } {
  const sorted = [...all].sort((a, b) => a.transfer.record.createdAt - b.transfer.record.createdAt)
  const running = new Map<string, number>()
  const count = (host: string) => running.set(host, (running.get(host) ?? 0) + 1)
  for (const { run, transfer } of sorted) if (run) count(turnOf(transfer.record))
  const turns: Turn[] = []
  let next = Number.POSITIVE_INFINITY
  for (const own of sorted) {
    const { record } = own.transfer
    if (own.run) continue
    if (isIdle(own)) {
      turns.push({ own, to: 'leave' })
      continue
    }
    const left = record.state === 'cancelled' && own.busy === 0
    if (record.state !== 'queued' && !left) continue
    const ends = endsOf(record, ways)
    const isLate = own.notBefore > now
    if (ends && isLate) next = Math.min(next, own.notBefore)
    const host = turnOf(record)
    if (!ends || isLate) turns.push({ own, to: 'wait' })
    else if (left) turns.push({ own, to: 'tidy' })
    else if ((running.get(host) ?? 0) >= AT_ONCE) turns.push({ own, to: 'queue' })
    else {
      count(host)
      turns.push({ own, to: 'start', ends, host })
    }
  }
  return { turns, next }
}
