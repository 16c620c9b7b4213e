import { interleave, median } from './figures.ts'
import type { Row } from './report.ts'
import type { Stage } from './stage.ts'

/** Bytes after which `yes` is in full flow. */
const FLOWING = 8 * 1024 * 1024

/** From Ctrl-C during `yes` to the first word of what comes after it, at the client's socket. */
export async function interrupt({ ways, rounds }: Stage): Promise<Row[]> {
  const times = await interleave(rounds, ways, async (way) => {
    // The shell outlives the signal, `yes` does not.
    const session = await way.open('trap : INT; yes; printf over; read -r go')
    await session.output.reaches(FLOWING)
    const start = performance.now()
    session.write('\u0003')
    await session.output.shows('over')
    const time = performance.now() - start
    await session.close()
    return [time]
  })
  return [
    {
      metric: 'Ctrl-C during yes, at the socket',
      unit: 'ms',
      limit: { name: 'OpenSSH', figure: median(times.OpenSSH ?? []) },
      ssh2: median(times.ssh2 ?? []),
      ours: median(times.relay ?? []),
      goal: { bound: 'at most', plus: 1.5 },
    },
  ]
}
