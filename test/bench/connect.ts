import { randomUUID } from 'node:crypto'
import { interleave, median } from './figures.ts'
import type { Row } from './report.ts'
import { prompt, type Stage } from './stage.ts'

/** From nothing to a shell's prompt with a login by key; and what is opened on the connection that is there then. */
export async function connect({ ways, programs, rounds }: Stage): Promise<Row[]> {
  const [, , relay] = ways
  const files: number[] = []
  const shells: number[] = []
  const times = await interleave(rounds, ways, async (way) => {
    const start = performance.now()
    const session = await way.open(programs.shell)
    await session.output.shows(prompt)
    const time = performance.now() - start
    if ('sessionId' in session) {
      const sessionId = session.sessionId as string
      files.push(await openFiles(relay, sessionId))
      shells.push(await openShell(relay, sessionId, programs.shell))
    }
    await session.close()
    return [time]
  })
  const ssh2 = median(times.ssh2 ?? [])
  return [
    {
      metric: 'connect to prompt',
      unit: 'ms',
      limit: { name: 'ssh2', figure: ssh2 },
      ours: median(times.relay ?? []),
      goal: { bound: 'at most', factor: 1, plus: 5 },
    },
    {
      metric: 'connect to prompt',
      unit: 'ms',
      limit: { name: 'OpenSSH', figure: median(times.OpenSSH ?? []) },
      ssh2,
      ours: median(times.relay ?? []),
    },
    {
      metric: 'files on the connection of an open shell',
      unit: 'ms',
      ours: median(files),
      goal: { bound: 'at most', plus: 20 },
    },
    {
      metric: 'second shell on that connection, to its prompt',
      unit: 'ms',
      ours: median(shells),
      goal: { bound: 'at most', plus: 20 },
    },
  ]
}

async function openFiles(relay: Stage['ways'][2], session: string): Promise<number> {
  const sessionId = randomUUID()
  const start = performance.now()
  await relay.ask('sftp-connect', { sessionId, session })
  const time = performance.now() - start
  await relay.ask('sftp-disconnect', { sessionId })
  return time
}

async function openShell(relay: Stage['ways'][2], session: string, program: string): Promise<number> {
  const start = performance.now()
  const second = await relay.open(program, session)
  await second.output.shows(prompt)
  const time = performance.now() - start
  await second.close()
  return time
}
