import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { browserKey } from './browserKey.ts'
import { connect } from './connect.ts'
import { crowd } from './crowd.ts'
import { echo } from './echo.ts'
import { files } from './files.ts'
import { firstLoad } from './firstLoad.ts'
import { interrupt } from './interrupt.ts'
import { listing } from './listing.ts'
import { memory } from './memory.ts'
import { page } from './page.ts'
import { pageFiles } from './pageFiles.ts'
import { perceived } from './perceived.ts'
import { recovery } from './recovery.ts'
import { type Row, table } from './report.ts'
import { type Stage, setStage } from './stage.ts'
import { stalled } from './stalled.ts'
import { throughput } from './throughput.ts'
import { vault } from './vault.ts'

const measurements = {
  throughput,
  page,
  echo,
  interrupt,
  connect,
  browserKey,
  listing,
  files,
  pageFiles,
  memory,
  firstLoad,
  recovery,
  stalled,
  crowd,
  perceived,
  vault,
}

const usage = `npm run bench [-- --quick] [-- --only ${Object.keys(measurements).join(',')}]
  --quick   two rounds of 16 MiB instead of five of 64: to see that it works
  --only    these measurements; like --quick it leaves RESULTS.md as it is
`

/** Measures everything in one run, prints the table, and keeps that of a whole run in RESULTS.md. */
export async function bench(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { quick: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help) return void process.stdout.write(usage)
  const chosen = choose(values.only)
  const stage = await setStage(values.quick ? { rounds: 2, mebibytes: 16 } : { rounds: 5, mebibytes: 64 })
  const rows: Row[] = []
  try {
    for (const [name, measure] of chosen) {
      process.stderr.write(`${name} …\n`)
      rows.push(...(await measure(stage)))
    }
  } finally {
    await stage.close()
  }
  const figures = table(rows)
  process.stdout.write(`${figures}\n`)
  if (values.quick || values.only !== undefined) return
  await writeFile(fileURLToPath(new URL('RESULTS.md', import.meta.url)), await results(figures, stage))
}

function choose(only: string | undefined): [string, (stage: Stage) => Promise<Row[]>][] {
  const all = Object.entries(measurements)
  const names = only?.split(',')
  const unknown = names?.filter((name) => !Object.hasOwn(measurements, name)) ?? []
  if (unknown.length > 0) throw new Error(`There is no measurement ${unknown.join(', ')}.\n${usage}`)
  return all.filter(([name]) => !names || names.includes(name))
}

async function results(figures: string, { rounds }: Stage): Promise<string> {
  const version = async (program: string, flag: string) => {
    const { stdout, stderr } = await promisify(execFile)(program, [flag])
    return (stdout || stderr).trim()
  }
  const machine = [
    `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    `Node ${process.versions.node}`,
    await version('/usr/bin/chromium', '--version'),
    await version('ssh', '-V'),
  ]
  return `# What \`npm run bench\` measured

${new Date().toISOString().slice(0, 10)}, on loopback: ${machine.join('; ')}.

Medians of ${rounds} rounds, in which what is compared takes turns. Read the ratios: they hold on another machine, and a difference
below 15 % is a tie. A limit is what can be had at all: OpenSSH's own client with its defaults, ssh2 in the measuring process
without a relay, or xterm.js fed from memory.

${figures}
`
}
