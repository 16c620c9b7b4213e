import { execFile, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeSshKey } from './sshKey.ts'

const run = promisify(execFile)

/**
 * A number that no other process on this machine has, until this one ends: an abstract socket is let go of by the kernel
 * (unix(7)).
 */
async function ownNumber(): Promise<number> {
  for (let number = 1; ; number++) {
    const server = createServer().unref()
    const mine = await new Promise<boolean>((resolve) => {
      server.once('listening', () => resolve(true))
      server.once('error', () => resolve(false))
      server.listen(`\0fairlead-test-account-${number}`)
    })
    if (mine) return number
  }
}

/** The account that the tests of this process log in to; all have names as long. Made on first use, which needs root. */
export const account = {
  username: `fairleadtest${await ownNumber()}`,
  password: 'correct horse battery',
} as const

/** Passphrase of `encryptedKey`. */
export const keyPassphrase = 'open sesame'

/** A running OpenSSH sshd on loopback. */
export interface Sshd {
  host: '127.0.0.1'
  port: number
  username: string
  password: string
  /** Home directory of the account. */
  home: string
  /** An OpenSSH private key that the account accepts. */
  privateKey: string
  /** The same key, encrypted with `passphrase`. */
  encryptedKey: string
  passphrase: string
  /** base64 of the Ed25519 host key blob. */
  hostKey: string
  /** What sshd has said on stderr since it was last started. */
  log(): string
  /** Replaces the host keys and restarts on the same port. */
  changeHostKey(): Promise<void>
  stop(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts sshd.
 * @param lines of sshd_config that come before the defaults, and so win (sshd_config(5))
 * @param program under which name it runs, which is the name of its PAM service
 */
export async function startSshd(lines: string[] = [], port?: number, program = '/usr/sbin/sshd'): Promise<Sshd> {
  await makeAccount()
  await mkdir('/run/sshd', { recursive: true })
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-sshd-'))
  await chmod(dir, 0o755)
  const at = port ?? (await freePort())
  const user = await makeSshKey(join(dir, 'user'))
  await writeFile(join(dir, 'authorized_keys'), user.public, { mode: 0o644 })
  await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', keyPassphrase, '-f', join(dir, 'user')])
  const encryptedKey = await readFile(join(dir, 'user'), 'utf8')
  const config = join(dir, 'sshd_config')
  await writeFile(
    config,
    [
      ...lines,
      `Port ${at}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(dir, 'host')}`,
      `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication yes',
      'KbdInteractiveAuthentication no',
      'PidFile none',
      'PrintMotd no',
      'PrintLastLog no',
      'UseDNS no',
      'MaxStartups 200:30:400',
      'MaxSessions 300',
      'AcceptEnv LANG LC_* FAIRLEAD_*',
      ...(lines.some((line) => line.startsWith('Subsystem')) ? [] : ['Subsystem sftp internal-sftp']),
      '',
    ].join('\n'),
  )

  let hostKey = (await makeSshKey(join(dir, 'host'))).blob.toString('base64')
  let log = () => ''
  let stop = async () => {}
  const start = async () => {
    // Of each its own: those that served a connection say goodbye when the one that listened has ended.
    let output = ''
    log = () => output
    const child = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.includes('Server listening')) resolve()
      })
      child.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${output}`)))
    })
    stop = async () => {
      child.kill('SIGTERM')
      await ended
    }
  }
  await start()

  return {
    host: '127.0.0.1',
    port: at,
    ...account,
    home: `/home/${account.username}`,
    privateKey: user.private,
    encryptedKey,
    passphrase: keyPassphrase,
    get hostKey() {
      return hostKey
    },
    log: () => log(),
    async changeHostKey() {
      await stop()
      hostKey = (await makeSshKey(join(dir, 'host'))).blob.toString('base64')
      await start()
    },
    stop: () => stop(),
    async close() {
      await stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A loopback port that nobody listens on, below those that the kernel gives to whoever connects (ip(7), ip_local_port_range). */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(16_384, 32_768)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}

/** Whether something may lie in the home directory of the account that was not there from the beginning. */
let isUsed = true

/** Gives the account the home directory of a new one: what one test has left there is nothing to the next. */
export async function renewHome(): Promise<void> {
  if (!isUsed) return
  isUsed = false
  const home = `/home/${account.username}`
  const left = await readdir(home).catch(() => undefined)
  if (!left) return
  for (const name of left) await rm(join(home, name), { recursive: true, force: true })
  await cp('/etc/skel', home, { recursive: true })
  await run('chown', ['-R', `${account.username}:`, home])
}

/** Makes the account where it is not there yet, and sets its password. */
export async function makeAccount(): Promise<void> {
  isUsed = true
  const exists = await run('id', [account.username]).then(
    () => true,
    () => false,
  )
  if (!exists) {
    await oneAtATime('useradd', '-m', '-s', '/bin/bash', account.username)
  }
  await setPassword()
}

/** Sets the password of the account, unless it has it. */
async function setPassword(): Promise<void> {
  const hash = (await run('openssl', ['passwd', '-6', '-salt', 'fairlead', account.password])).stdout.trim()
  if ((await run('getent', ['shadow', account.username])).stdout.includes(hash)) return
  await oneAtATime('usermod', '-p', hash, account.username)
}

/** Of two that change accounts at once one fails, since /etc/passwd is locked. */
async function oneAtATime(...command: string[]): Promise<void> {
  await run('flock', [join(tmpdir(), 'fairlead-test-accounts.lock'), ...command])
}
