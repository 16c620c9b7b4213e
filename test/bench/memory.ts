import { interleave, median } from './figures.ts'
import { settledMiB } from './proc.ts'
import { relayWay } from './relayWay.ts'
import type { Goal, Row } from './report.ts'
import type { Stage } from './stage.ts'

/** Idle sessions that are looked at, fewest first, and what the relay may hold in RAM with them. */
const counts = [0, 1, 50, 200]
const goals: Record<number, Goal> = { 0: { bound: 'at most', plus: 70 }, 200: { bound: 'at most', plus: 90 } }
/** Connects under way at once. */
const TOGETHER = 5
/** Memory of a fresh relay with as many idle shells, each on a connection of its own. */
export async function memory({ startRelay, sshd, rounds }: Stage): Promise<Row[]> {
  const figures: Record<number, number[]> = {}
  await interleave(rounds, [{ name: 'relay' }], async () => {
    const relay = await startRelay()
    const way = await relayWay(relay.url, relay.pid, sshd)
    let open = 0
    for (const count of counts) {
      while (open < count) {
        const more = Math.min(TOGETHER, count - open)
        await Promise.all(Array.from({ length: more }, () => way.open('cat')))
        open += more
      }
      figures[count] = [...(figures[count] ?? []), await settledMiB(relay.pid)]
    }
    await way.close()
    await relay.close()
    return []
  })
  return counts.map((count) => {
    const goal = goals[count]
    return {
      metric: `relay in RAM with ${count} idle sessions`,
      unit: 'MiB',
      ours: median(figures[count] ?? []),
      ...(goal && { goal }),
    }
  })
}
