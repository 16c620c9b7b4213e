import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))
const main = join(root, 'dist/relay/main.js')

/** Builds `dist/relay` where a source is newer. */
export async function buildRelay(): Promise<void> {
  const built = await stat(main).then(
    (found) => found.mtimeMs,
    () => 0,
  )
  const sources = await Promise.all(
    ['relay', 'shared'].map(async (directory) => {
      const entries = await readdir(join(root, directory), { recursive: true })
      return Promise.all(entries.map(async (entry) => (await stat(join(root, directory, entry))).mtimeMs))
    }),
  )
  if (sources.flat().every((changed) => changed <= built)) return
  await build({ configFile: join(root, 'relay/vite.config.ts'), logLevel: 'warn' })
}

/** The built relay as a process. */
export interface CliRun {
  process: ChildProcess
  stdout(): string
  stderr(): string
  /** Resolves with the first line of stdout, rejects when the process ends before it. */
  firstLine: Promise<string>
  /** Resolves with the exit status, or the name of the signal that ended it. */
  ended: Promise<number | string>
}

/** Starts the built relay with a state directory of its own, unless the flags name one. */
export async function runCli(flags: string[], env: Record<string, string> = {}): Promise<CliRun> {
  const state = await mkdtemp(join(tmpdir(), 'fairlead-cli-'))
  const child = spawn(process.execPath, [main, ...flags], {
    env: { PATH: process.env.PATH, HOME: state, FAIRLEAD_STATE: state, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString()
  })
  const ended = new Promise<number | string>((settle) => {
    child.once('close', (code, signal) => {
      void rm(state, { recursive: true, force: true }).then(() => settle(code ?? signal ?? 'gone'))
    })
  })
  const firstLine = new Promise<string>((settle, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString()
      if (stdout.includes('\n')) settle(stdout.split('\n')[0] ?? '')
    })
    void ended.then(() => reject(new Error(`the relay ended first: ${stderr}`)))
  })
  // Not every test waits for it.
  firstLine.catch(() => undefined)
  return { process: child, stdout: () => stdout, stderr: () => stderr, firstLine, ended }
}
