import { setTimeout as pause } from 'node:timers/promises'
import { interleave, percentile } from './figures.ts'
import type { Goal, Row } from './report.ts'
import type { Stage } from './stage.ts'
import type { Session, Way } from './way.ts'

/** Keys in one turn of a way, and ms between an echo and the next key. */
const KEYS = 100
const PAUSE_MS = 4
/** Bytes after which a flood flows. */
const FLOWING = 4 * 1024 * 1024

/** From a key to its echo by a program on the host, while nothing else happens and while another session is flooded. */
export async function echo({ ways, log, rounds }: Stage): Promise<Row[]> {
  const idle = await interleave(rounds, ways, async (way) => typed(way))
  const flooded = await interleave(rounds, ways, async (way) => {
    const flood = await way.open(`while :; do cat ${log.path}; done`)
    await flood.output.reaches(FLOWING)
    const times = await typed(way)
    await flood.close()
    return times
  })
  return [
    ...rows('key echo', idle, { 50: { bound: 'at most', factor: 1.7 } }),
    ...rows('key echo beside a flood', flooded, {
      95: { bound: 'at most', plus: 5 },
      99: { bound: 'at most', plus: 15 },
    }),
  ]
}

async function typed(way: Way): Promise<number[]> {
  const session = await way.open('stty raw -echo; printf ready; exec cat')
  await session.output.shows('ready')
  const times: number[] = []
  for (let key = 0; key < KEYS; key++) {
    times.push(await typeOne(session))
    await pause(PAUSE_MS)
  }
  await session.close()
  return times
}

async function typeOne({ output, write }: Session): Promise<number> {
  const end = output.length + 1
  const start = performance.now()
  write('x')
  await output.reaches(end)
  return performance.now() - start
}

function rows(metric: string, times: Record<string, number[]>, goals: Record<number, Goal>): Row[] {
  return [50, 95, 99].map((share) => {
    const at = (name: string) => percentile(times[name] ?? [], share)
    const goal = goals[share]
    return {
      metric: `${metric}, p${share}`,
      unit: 'ms',
      limit: { name: 'OpenSSH', figure: at('OpenSSH') },
      ssh2: at('ssh2'),
      ours: at('relay'),
      ...(goal && { goal }),
    }
  })
}
