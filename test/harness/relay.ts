import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, defaults } from '../../relay/config.ts'
import { createLog } from '../../relay/log.ts'
import { hashPassword } from '../../relay/passwordHash.ts'
import { type Relay, type RelayOptions, startRelay } from '../../relay/server.ts'
import { account, keyPassphrase } from './sshd.ts'

/** Secrets that tests use, so that each can look for all of them where none may be. */
export const canaries = {
  password: 'canary-password-7f3a',
  otherPassword: 'canary-other-91bc',
  wrongPassword: 'canary-wrong-d2e8',
  sshPassword: 'canary-ssh-password-5c1d',
  passphrase: 'canary-passphrase-08aa',
} as const

/** What may never stand in a log. */
const secrets = [...Object.values(canaries), account.password, keyPassphrase, 'BEGIN OPENSSH PRIVATE KEY']

/** A relay on a free port, with a state directory of its own. */
export interface TestRelay extends Relay {
  config: Config
  /** Its log so far, one parsed line each. */
  events: Record<string, unknown>[]
  /** Its log so far, as it would stand on stderr. */
  logText(): string
  /** Closes the relay and removes its state, unless the test gave the directory. */
  close(): Promise<void>
}

/** What a test may say beside the configuration. */
export interface TestRelayOptions extends RelayOptions {
  /** Set before it starts, as if a former run had. */
  password?: string
}

const hashes = new Map<string, Promise<object>>()

/** Puts the hash of a password into a state directory. It is computed once in a test file, since it is meant to be slow. */
export async function keepPassword(state: string, password: string): Promise<void> {
  const hash = hashes.get(password) ?? hashPassword(password)
  hashes.set(password, hash)
  await mkdir(state, { recursive: true, mode: 0o700 })
  await writeFile(join(state, 'password.json'), JSON.stringify(await hash), { mode: 0o600 })
}

type Overrides = Partial<Omit<Config, 'limits'>> & { limits?: Partial<Config['limits']> }

/** Starts a relay from the source, with the defaults where nothing else is said. */
export async function startTestRelay(overrides: Overrides = {}, options: TestRelayOptions = {}): Promise<TestRelay> {
  const { password, ...parts } = options
  const state = overrides.state ?? (await mkdtemp(join(tmpdir(), 'fairlead-test-')))
  if (password !== undefined) await keepPassword(state, password)
  const lines: string[] = []
  const sink = { writableLength: 0, write: (line: string) => lines.push(line), on: () => undefined }
  const config: Config = {
    ...defaults,
    port: 0,
    ...overrides,
    state,
    limits: { ...defaults.limits, ...overrides.limits },
  }
  const relay = await startRelay(config, { log: createLog(sink), ...parts })
  return {
    ...relay,
    config,
    get events() {
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    },
    logText: () => lines.join(''),
    close: async () => {
      await relay.close()
      // A-TOK-05, for every test that starts a relay: whatever it did, the log holds no secret of it.
      const leaked = secrets.filter((secret) => lines.join('').includes(secret))
      if (leaked.length > 0) throw new Error(`the log of the relay holds ${leaked.length} secrets`)
      if (overrides.state === undefined) await rm(state, { recursive: true, force: true })
    },
  }
}
