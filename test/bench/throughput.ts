import { interleave, median } from './figures.ts'
import { cpuSeconds } from './proc.ts'
import type { Row } from './report.ts'
import type { Stage } from './stage.ts'

/** A long log through a pty: bytes a second from the key to the last byte, and what the carrying process spends on it. */
export async function throughput({ ways, log, rounds }: Stage): Promise<Row[]> {
  const cpu: Record<string, number[]> = {}
  const rates = await interleave(rounds, ways, async (way) => {
    const session = await way.open(`stty -echo; printf ready; read -r go; cat ${log.path}; read -r go`)
    await session.output.shows('ready')
    const from = session.output.length
    const spent = cpuSeconds(session.pid)
    const start = performance.now()
    session.write('\n')
    await session.output.reaches(from + log.ptyBytes)
    const seconds = (performance.now() - start) / 1000
    cpu[way.name] = [...(cpu[way.name] ?? []), ((cpuSeconds(session.pid) - spent) * 1e9) / log.ptyBytes]
    await session.close()
    return [log.ptyBytes / 1e6 / seconds]
  })
  const middle = (figures: Record<string, number[]>, name: string) => median(figures[name] ?? [])
  return [
    {
      metric: `log of ${Math.round(log.ptyBytes / 2 ** 20)} MiB through a pty`,
      unit: 'MB/s',
      limit: { name: 'OpenSSH', figure: middle(rates, 'OpenSSH') },
      ssh2: middle(rates, 'ssh2'),
      ours: middle(rates, 'relay'),
      goal: { bound: 'at least', factor: 0.98 },
    },
    {
      metric: 'processor time of it',
      unit: 's/GB',
      limit: { name: 'OpenSSH', figure: middle(cpu, 'OpenSSH') },
      ssh2: middle(cpu, 'ssh2'),
      ours: middle(cpu, 'relay'),
      goal: { bound: 'at most', plus: 5 },
    },
  ]
}
