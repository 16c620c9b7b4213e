import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where and as whom OpenSSH's clients log in. */
export interface OpensshLogin {
  host: string
  port: number
  username: string
  /** Wire blob of the one host key that is accepted. */
  hostKey: Uint8Array
  /** File of a private key; the password is tried only if this is empty or absent. */
  identity?: string
  password?: string
  /** Further lines of ssh_config(5). */
  config?: string[]
}

/** What a client has printed and how it ended. */
interface OpensshResult {
  code: number | null
  stdout: Buffer
  stderr: string
}

/** OpenSSH's own clients with a configuration of their own, cut off from that of the machine's user. */
export interface Openssh {
  /** The name by which `args` call the host. */
  readonly target: string
  /** Arguments that come before all others. */
  readonly config: string[]
  readonly env: NodeJS.ProcessEnv
  /** Starts a client; the caller ends it, or `close` does. */
  start(program: 'ssh' | 'sftp' | 'scp', args: string[]): ChildProcess
  /** Runs a client to its end. */
  run(program: 'ssh' | 'sftp' | 'scp', args: string[], stdin?: Buffer | string): Promise<OpensshResult>
  /** Ends what still runs and removes the configuration. */
  close(): Promise<void>
}

/** Prepares OpenSSH's clients for one login. */
export async function openssh(login: OpensshLogin): Promise<Openssh> {
  const dir = await mkdtemp(join(tmpdir(), 'openssh-'))
  const target = 'target'
  const file = (name: string) => join(dir, name)
  const { hostKey } = login
  const keyType = Buffer.from(hostKey)
    .subarray(4, 4 + Buffer.from(hostKey).readUInt32BE(0))
    .toString()
  await writeFile(
    file('known_hosts'),
    `[${login.host}]:${login.port} ${keyType} ${Buffer.from(hostKey).toString('base64')}\n`,
  )
  await writeFile(
    file('config'),
    [
      `Host ${target}`,
      `HostName ${login.host}`,
      `Port ${login.port}`,
      `User ${login.username}`,
      `UserKnownHostsFile ${file('known_hosts')}`,
      'GlobalKnownHostsFile /dev/null',
      'StrictHostKeyChecking yes',
      'IdentityAgent none',
      'IdentitiesOnly yes',
      `IdentityFile ${login.identity || 'none'}`,
      `PreferredAuthentications ${login.identity ? 'publickey' : 'password'}`,
      'NumberOfPasswordPrompts 1',
      'LogLevel ERROR',
      ...(login.config ?? []),
    ].join('\n'),
  )
  await writeFile(file('askpass'), '#!/bin/sh\nprintf "%s\\n" "$ASKPASS_ANSWER"\n', { mode: 0o700 })
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    LC_ALL: 'C.UTF-8',
    SSH_ASKPASS: file('askpass'),
    SSH_ASKPASS_REQUIRE: 'force',
    ASKPASS_ANSWER: login.password ?? '',
  }
  const config = ['-F', file('config')]
  const running = new Set<ChildProcess>()
  const start = (program: string, args: string[]) => {
    const child = spawn(program, [...config, ...args], { env, cwd: dir, stdio: 'pipe' })
    running.add(child)
    child.once('close', () => running.delete(child))
    return child
  }
  return {
    target,
    config,
    env,
    start,
    run: async (program, args, stdin = '') => {
      const child = start(program, args)
      const out: Buffer[] = []
      const err: Buffer[] = []
      child.stdout?.on('data', (bytes) => out.push(bytes))
      child.stderr?.on('data', (bytes) => err.push(bytes))
      // A client that ends before it has read its input is no failure of the test.
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(stdin)
      const [code] = await once(child, 'close')
      return { code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }
    },
    close: async () => {
      await Promise.all(
        [...running].map((child) => {
          child.kill('SIGKILL')
          return once(child, 'close')
        }),
      )
      await rm(dir, { recursive: true, force: true })
    },
  }
}
