import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { buildRelay, runCli } from '../harness/cli.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'
import { type Log, writeLog } from './log.ts'
import { opensshWay } from './opensshWay.ts'
import { relayWay } from './relayWay.ts'
import { ssh2Way } from './ssh2Way.ts'
import type { Way } from './way.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a shell on the host shows when it waits. */
export const prompt = 'bench$'

/** The built relay as a process of its own. */
export interface RelayProcess {
  url: string
  /** With a login token where the relay has a password. */
  launchUrl: string
  pid: number
  close(): Promise<void>
}

/** A host, the built relay and app, and the three ways to the host. */
export interface Stage {
  sshd: Sshd
  relay: RelayProcess
  /** OpenSSH, ssh2 and the relay, in the order in which they take turns. */
  ways: [Way, Way, Awaited<ReturnType<typeof relayWay>>]
  log: Log
  /** Programs on the host: a shell with `prompt`, and one that prints the log. */
  programs: { shell: string; printLog: string }
  /** Directory that the account of the host can read. */
  directory: string
  /** The app, built for this run. */
  app: string
  rounds: number
  /** Of the log; what is measured otherwise goes by it. */
  mebibytes: number
  /** Another relay with the same app. */
  startRelay(...flags: string[]): Promise<RelayProcess>
  close(): Promise<void>
}

/** Builds what is measured and starts it. */
export async function setStage({ rounds, mebibytes }: { rounds: number; mebibytes: number }): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-bench-'))
  await chmod(directory, 0o755)
  const app = join(directory, 'app')
  await buildRelay()
  await build({
    configFile: join(root, 'pwa/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: app, reportCompressedSize: false },
  })
  const sshd = await startSshd(['Banner none'])
  const identity = join(directory, 'identity')
  await writeFile(identity, sshd.privateKey, { mode: 0o600 })
  const log = await writeLog(join(directory, 'log'), mebibytes)
  const programs = { shell: join(directory, 'shell'), printLog: join(directory, 'printLog') }
  await writeFile(programs.shell, `#!/bin/sh\nPS1='${prompt} ' exec bash --norc --noprofile -i\n`, { mode: 0o755 })
  await writeFile(programs.printLog, `#!/bin/sh\nexec cat ${log.path}\n`, { mode: 0o755 })
  const startRelay = (...flags: string[]) => startProcess(['--app', app, ...flags])
  const relay = await startRelay()
  const ways: Stage['ways'] = [
    await opensshWay(sshd, identity),
    ssh2Way(sshd),
    await relayWay(relay.url, relay.pid, sshd),
  ]
  return {
    ...{ sshd, relay, ways, log, programs, directory, app, rounds, mebibytes, startRelay },
    async close() {
      for (const way of ways) await way.close()
      await relay.close()
      await sshd.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Limits on how many sessions there may be are lifted: they are not what is measured. */
const unlimited = [
  '--limit-sessions=5000',
  '--limit-sessions-per-principal=5000',
  '--limit-connect-burst=10000',
  '--limit-pending-connects=100',
  '--limit-log-total=4294967296',
]

async function startProcess(flags: string[]): Promise<RelayProcess> {
  const run = await runCli(['--port=0', ...unlimited, ...flags], { PS1: `${prompt} ` })
  const launchUrl = await run.firstLine
  const { pid } = run.process
  if (pid === undefined) throw new Error('the relay has no process')
  return {
    url: new URL('/', launchUrl).href,
    launchUrl,
    pid,
    async close() {
      // Twice: what is measured has ended, and nobody waits for the deadlines of a drain.
      run.process.kill('SIGTERM')
      run.process.kill('SIGTERM')
      await run.ended
    },
  }
}
