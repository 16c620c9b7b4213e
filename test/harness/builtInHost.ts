import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type Client, type ConnectConfig } from 'ssh2'
import { type BuiltInHost, type HostOptions, startHost } from '../../relay/host/host.ts'
import { type Openssh, type OpensshLogin, openssh } from './openssh.ts'
import { makeSshKey } from './sshKey.ts'

/** A built-in host in a temporary directory, with a key that it trusts and clients for it. */
export interface TestHost extends BuiltInHost {
  /** Removed at the end; tests may put their files there. */
  dir: string
  stateDir: string
  /** The user's home: empty, so that no one's start-up files have a say. */
  home: string
  password: string
  /** File of a private key that is in authorized_keys. */
  identity: string
  /** What the host has reported, newest last. */
  events: { event: string; [field: string]: string | number | boolean }[]
  /** OpenSSH's clients, by default with `identity`. */
  openssh(login?: Partial<OpensshLogin>): Promise<Openssh>
  /** A logged-in ssh2 client. */
  client(config?: ConnectConfig): Promise<Client>
}

/** Starts one; `close` also ends its clients and removes its files. */
export async function testHost(options: Partial<HostOptions> = {}): Promise<TestHost> {
  const dir = await mkdtemp(join(tmpdir(), 'host-'))
  const stateDir = options.stateDir ?? join(dir, 'state')
  const password = 'correct horse'
  const identity = join(dir, 'identity')
  const pair = await makeSshKey(identity)
  const events: TestHost['events'] = []
  const home = join(dir, 'home')
  await mkdir(home)
  const host = await startHost({
    stateDir,
    account: { home },
    verifyPassword: async (given) => given === password,
    log: (event, fields) => events.push({ event, ...fields }),
    ...options,
  })
  await writeFile(join(stateDir, 'authorized_keys'), `# keys of the test\n${pair.public} a comment\n`, { mode: 0o600 })
  const closing: (() => Promise<unknown> | unknown)[] = []
  return {
    ...host,
    dir,
    stateDir,
    home,
    password,
    identity,
    events,
    openssh: async (login) => {
      const clients = await openssh({ ...host, identity, ...login })
      closing.push(() => clients.close())
      return clients
    },
    client: (config) =>
      new Promise((resolve, reject) => {
        const client = new ssh2.Client()
        closing.push(() => client.destroy())
        client.once('ready', () => resolve(client))
        client.on('error', reject)
        client.once('close', () => reject(new Error('closed before login')))
        client.connect({
          host: host.host,
          port: host.port,
          username: host.username,
          privateKey: pair.private,
          ...config,
        })
      }),
    close: async () => {
      for (const close of closing) await close()
      await host.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
