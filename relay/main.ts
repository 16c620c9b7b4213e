#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Config, helpText, isLoopback, readConfig, readRequest, speaksTls, UsageError } from './config.ts'
import { createLog } from './log.ts'
import { type Relay, startRelay } from './server.ts'
import { version } from './version.ts'

const log = createLog()

/** What a person must read; the log beside it is for machines. */
const say = (text: string) => process.stderr.write(`${text}\n`)

async function main(): Promise<void> {
  const argv = process.argv.slice(2)
  const request = readRequest(argv)
  if (request === 'help') return void process.stdout.write(helpText())
  if (request === 'version') return void process.stdout.write(`${version}\n`)

  const config = withApp(readConfig(argv, process.env))
  // Whoever looks at the environment of a child has no business with it.
  delete process.env.FAIRLEAD_PASSWORD
  const relay = await startRelay(config, { log })
  endWith(relay)
  // Where there is nothing to read again, the end of its terminal ends the relay as before.
  if (speaksTls(config) || config.auditFile !== undefined) process.on('SIGHUP', () => void relay.reload())
  tell(config, relay)
  // A reader of stdout who has gone does not end the relay.
  process.stdout.on('error', (error) => log('stdout-lost', { error: error.message }))
  process.stdout.write(`${relay.launchUrl}\n`)
  if (config.open) await openBrowser(relay.launchUrl)
}

/** The app lies beside the relay in the build. */
function withApp(config: Config): Config {
  if (config.app !== undefined) {
    if (!existsSync(`${config.app}/index.html`)) throw new UsageError('--app must be a directory with an index.html')
    return config
  }
  const app = fileURLToPath(new URL('../pwa', import.meta.url))
  return existsSync(`${app}/index.html`) ? { ...config, app } : config
}

function tell(config: Config, relay: Relay): void {
  if (relay.madePassword !== undefined) say(`Password of this relay, shown only now: ${relay.madePassword}`)
  if (relay.madeFingerprint !== undefined) say(`SHA-256 of the certificate that was made: ${relay.madeFingerprint}`)
  if (isLoopback(config.bind)) return
  if (relay.auth.setUp) say(`No password is set. Set one in the app with this code, good once: ${relay.auth.setUpCode}`)
  else if (!relay.auth.passwordSet) say('Warning: everybody who reaches this port may use the relay (--no-auth).')
  if (!speaksTls(config) && config.trustProxy.length === 0) {
    say(
      'Warning: without TLS, everybody on the way reads what passes. Use --tls-cert and --tls-key, --tls-self-signed, or a proxy.',
    )
  }
}

async function openBrowser(url: string): Promise<void> {
  const { default: open } = await import('open')
  try {
    const opened = await open(url)
    opened.on('error', (error) => log('browser-not-opened', { error: error.message }))
  } catch (error) {
    log('browser-not-opened', { error: (error as Error).message })
  }
}

/** The first signal lets sessions end, the second does not wait. A bug ends the process, since its state is unknown. */
function endWith(relay: Relay): void {
  let ending = false
  const end = (status: number, atOnce: number) => {
    if (ending) process.exit(atOnce)
    ending = true
    relay.drain().then(
      () => process.exit(status),
      (error) => {
        log('bug', { where: 'drain', error: String(error?.stack ?? error) })
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => end(0, 128 + constants.signals[signal]))
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log('bug', { where: event, error: String((error as Error | undefined)?.stack ?? error) })
      end(1, 1)
    })
  }
}

const foreseen: Record<string, (config: NodeJS.ErrnoException & { port?: number; address?: string }) => string> = {
  EADDRINUSE: ({ port, address }) => `port ${port} on ${address} is in use; choose another with --port`,
  EACCES: ({ message }) => message,
  EADDRNOTAVAIL: ({ address }) => `${address} is no address of this machine`,
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    say(`fairlead: ${error.message}; see --help`)
    process.exit(2)
  }
  const system = error as NodeJS.ErrnoException
  const text = foreseen[system.code ?? '']?.(system) ?? system.message ?? String(error)
  say(`fairlead: ${text.split('\n', 1)[0]}`)
  process.exit(1)
})
