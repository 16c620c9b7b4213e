import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeSshKey } from './sshKey.ts'

const run = promisify(execFile)

/** The account that the tests log in to; made on first use, which needs root. */
export const account = { username: 'fairlead-test', password: 'correct horse battery' } as const

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
  /** What sshd has said on stderr so far. */
  log(): string
  /** Replaces the host keys and restarts on the same port. */
  changeHostKey(): Promise<void>
  stop(): Promise<void>
  close(): Promise<void>
}

/** Starts sshd. @param lines of sshd_config that come before the defaults, and so win (sshd_config(5)) */
export async function startSshd(lines: string[] = [], port?: number): Promise<Sshd> {
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
  let output = ''
  let stop = async () => {}
  const start = async () => {
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
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
    log: () => output,
    async changeHostKey() {
      await stop()
      output = ''
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

/** A loopback port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

async function makeAccount(): Promise<void> {
  const exists = await run('id', [account.username]).then(
    () => true,
    () => false,
  )
  if (!exists) {
    await run('useradd', ['-m', '-s', '/bin/bash', account.username]).catch((error: { stderr?: string }) => {
      // Another test file may have made it a moment ago.
      if (!error.stderr?.includes('already exists')) throw error
    })
  }
  await setPassword(5)
}

/** The password file may be locked by another test file that does the same. */
async function setPassword(tries: number): Promise<void> {
  const hash = (await run('openssl', ['passwd', '-6', '-salt', 'fairlead', account.password])).stdout.trim()
  if ((await run('getent', ['shadow', account.username])).stdout.includes(hash)) return
  await run('usermod', ['-p', hash, account.username]).catch(async (error) => {
    if (tries === 0) throw error
    await setPassword(tries - 1)
  })
}
