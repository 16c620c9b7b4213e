import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../dist/relay/main.js', import.meta.url))

/** The built relay as a process of its own, to be killed. */
export interface RelayProcess {
  /** What it printed on stdout. */
  launchUrl: string
  pid: number
  kill(signal: NodeJS.Signals): Promise<void>
}

/** Starts the built relay with the built app, with a password or open, and resolves once it has printed its launch URL. */
export async function spawnRelay(password: string | undefined, ...flags: string[]): Promise<RelayProcess> {
  const child = spawn(process.execPath, [main, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(password !== undefined && { FAIRLEAD_PASSWORD: password }) },
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let said = ''
  let printed = ''
  const launchUrl = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      const [line, rest] = printed.split('\n', 2)
      if (line !== undefined && rest !== undefined) resolve(line)
    })
    child.once('exit', (code) => reject(new Error(`The relay ended with ${code}: ${said}`)))
  })
  return {
    launchUrl,
    pid: child.pid ?? 0,
    async kill(signal) {
      child.kill(signal)
      await ended
    },
  }
}
