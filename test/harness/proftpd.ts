import { execFileSync, spawn } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './sshd.ts'
import { makeSshKey } from './sshKey.ts'

/** ProFTPD with mod_sftp: an SSH server for files alone, by other people than OpenSSH's. */
export interface Proftpd {
  host: '127.0.0.1'
  port: number
  username: string
  password: string
  home: string
  close(): Promise<void>
}

/** Who may log in, as user and group `nobody`. */
const login = { username: 'files', password: 'battery horse' }
const NOBODY = 65_534

/** Starts it on a free port of loopback; needs root. */
export async function startProftpd(): Promise<Proftpd> {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-proftpd-'))
  await chmod(dir, 0o755)
  const home = join(dir, 'home')
  await mkdir(home)
  await chown(home, NOBODY, NOBODY)
  await makeSshKey(join(dir, 'host'), 'rsa')
  const port = await freePort()
  const hash = execFileSync('/usr/bin/openssl', ['passwd', '-6', login.password]).toString().trim()
  await writeFile(join(dir, 'users'), `${login.username}:${hash}:${NOBODY}:${NOBODY}::${home}:/bin/sh\n`, {
    mode: 0o600,
  })
  const config = join(dir, 'proftpd.conf')
  await writeFile(
    config,
    [
      'LoadModule mod_sftp.c',
      'ServerName fairlead',
      'ServerType standalone',
      'DefaultAddress 127.0.0.1',
      `Port ${port}`,
      'UseIPv6 off',
      'UseReverseDNS off',
      'User nobody',
      'Group nogroup',
      'RequireValidShell off',
      'AuthOrder mod_auth_file.c',
      `AuthUserFile ${join(dir, 'users')}`,
      `PidFile ${join(dir, 'pid')}`,
      `ScoreboardFile ${join(dir, 'scoreboard')}`,
      `SystemLog ${join(dir, 'log')}`,
      `DelayTable ${join(dir, 'delay')}`,
      'WtmpLog off',
      'SFTPEngine on',
      `SFTPLog ${join(dir, 'sftp.log')}`,
      `SFTPHostKey ${join(dir, 'host')}`,
      'SFTPAuthMethods password',
      'AllowOverwrite on',
      'AllowStoreRestart on',
      '',
    ].join('\n'),
  )
  const child = spawn('/usr/sbin/proftpd', ['--nodaemon', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const close = async () => {
    child.kill('SIGTERM')
    await ended
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await Promise.race([listening(port), ended.then(() => Promise.reject(new Error(`proftpd has ended: ${said}`)))])
  } catch (error) {
    await close()
    throw error
  }
  const { username, password } = login
  return { host: '127.0.0.1', port, username, password, home, close }
}

/** Resolves once a connection to a port is taken. */
function listening(port: number): Promise<void> {
  return new Promise((resolve) => {
    const attempt = () => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve()
      })
      socket.once('error', () => setTimeout(attempt, 50))
    }
    attempt()
  })
}
