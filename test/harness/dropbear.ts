import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { account, freePort, makeAccount } from './sshd.ts'

/** Dropbear with OpenSSH's sftp-server: what small systems have. */
export interface Dropbear {
  host: '127.0.0.1'
  port: number
  username: string
  password: string
  /** Home directory of the account. */
  home: string
  close(): Promise<void>
}

/** Starts it on a free port of loopback; needs root. */
export async function startDropbear(): Promise<Dropbear> {
  await makeAccount()
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-dropbear-'))
  const key = join(dir, 'host')
  await ended(spawn('/usr/bin/dropbearkey', ['-t', 'ed25519', '-f', key], { stdio: 'ignore' }))
  const port = await freePort()
  const args = ['-F', '-E', '-m', '-r', key, '-p', `127.0.0.1:${port}`, '-P', join(dir, 'pid')]
  const child = spawn('/usr/sbin/dropbear', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const over = ended(child)
  const close = async () => {
    child.kill('SIGTERM')
    await over
    await rm(dir, { recursive: true, force: true })
  }
  let said = ''
  try {
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        // It listens by then.
        if (said.includes('Not backgrounding')) resolve()
      })
      over.then(() => reject(new Error(`dropbear has ended: ${said}`)))
    })
  } catch (error) {
    await close()
    throw error
  }
  return { host: '127.0.0.1', port, ...account, home: `/home/${account.username}`, close }
}

/** Resolves once a process is over. */
function ended(child: { once(event: 'exit', listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()))
}
