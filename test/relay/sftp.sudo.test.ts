import { mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { startBusyboxSshd } from '../harness/busyboxSshd.ts'
import { Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { account, type Sshd, startSshd } from '../harness/sshd.ts'
import { type Sudoers, sudoers } from '../harness/sudoers.ts'

type Connected = ServerPayload<'sftp-connected'>

let sshd: Sshd
let relay: TestRelay
let rules: Sudoers
let dir: string
let client: Client
let narrow: Sshd | undefined

const server = '/usr/lib/openssh/sftp-server'

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-sudo-'))
  sshd = await startSshd()
  relay = await startTestRelay({ auditFile: join(dir, 'audit') })
  rules = await sudoers(`%u ALL=(root) ${server}`)
  client = await Client.open(relay.url)
  const { host, port, username, password } = sshd
  await client.ask('ssh-connect', { sessionId: 'shell', host, port, username, password })
}, 60_000)
let files = 0
afterEach(async () => {
  await client.ask('sftp-disconnect', { sessionId: `files-${files}` }).catch(() => undefined)
})
afterAll(async () => {
  client.close()
  await rules.remove()
  await relay.close()
  await sshd.close()
  await narrow?.close()
  await rm(dir, { recursive: true, force: true })
})

/** An sshd that takes one channel of each connection. */
async function startNarrow(): Promise<Sshd> {
  narrow = await startSshd(['MaxSessions 1'])
  return narrow
}

function asRoot(sudoPassword?: string): Promise<Connected> {
  files += 1
  const by = { by: 'sudo', ...(sudoPassword !== undefined && { sudoPassword }) }
  return client.ask<Connected>('sftp-connect', { sessionId: `files-${files}`, session: 'shell', ...by })
}

test('with the password the files are had as root, on the connection of the shell', async () => {
  expect(await asRoot(account.password)).toMatchObject({ by: 'sudo', shared: true })
  const path = join(dir, "root's")
  const sessionId = `files-${files}`
  await client.ask('sftp-put', { sessionId, path, data: Buffer.from('by root'), existing: 'refuse' })
  expect((await stat(path)).uid).toBe(0)
  expect((await readFile(path)).toString()).toBe('by root')
  await client.ask('sftp-stat', { sessionId, path: '/etc/shadow' })
  await client.ask('sftp-get', { sessionId, path: '/etc/shadow' })
})

test('where the connection of the shell has no room, the password is still there for one of its own', async () => {
  const { host, port, username, password } = await startNarrow()
  const to = { host, port, username, password }
  await client.ask('ssh-connect', { sessionId: 'narrow', ...to })
  files += 1
  const way = { by: 'sudo', sudoPassword: password }
  expect(
    await client.ask('sftp-connect', { sessionId: `files-${files}`, session: 'narrow', ...to, ...way }),
  ).toMatchObject({ by: 'sudo' })
  await client.ask('ssh-disconnect', { sessionId: 'narrow' })
})

test('a wrong password, and none where one is asked for, are refused after one try', async () => {
  await expect(asRoot('wrong')).rejects.toMatchObject({ failure: { code: 'sudo-password', phase: 'files' } })
  await expect(asRoot()).rejects.toMatchObject({ failure: { code: 'sudo-password' } })
  // A second line would reach the server in place of the client's.
  await expect(asRoot(`${account.password}\nmore`)).rejects.toMatchObject({ failure: { code: 'sudo-password' } })
})

test('an account without the right, and a sudo that wants a terminal, are told apart', async () => {
  await rules.set('# nothing')
  await expect(asRoot(account.password)).rejects.toMatchObject({ failure: { code: 'sudo-refused' } })
  await rules.set('Defaults:%u requiretty', `%u ALL=(root) ${server}`)
  await expect(asRoot(account.password)).rejects.toMatchObject({ failure: { code: 'sudo-terminal' } })
  await rules.set('%u ALL=(root) /bin/true')
  await expect(asRoot(account.password)).rejects.toMatchObject({ failure: { code: 'sudo-refused' } })
})

test('where sudo asks for no password, one that is given goes nowhere', async () => {
  await rules.set(`%u ALL=(root) NOPASSWD: ${server}`)
  expect(await asRoot()).toMatchObject({ by: 'sudo' })
  await client.ask('sftp-disconnect', { sessionId: `files-${files}` })
  expect(await asRoot(account.password)).toMatchObject({ by: 'sudo' })
})

test('a host without a server, or without sudo, says which', async () => {
  const busybox = await startBusyboxSshd()
  const other = await Client.open(relay.url)
  try {
    const { host, port, username, password } = busybox
    const connect = { host, port, username, password, by: 'sudo', sudoPassword: password }
    const asking = (sessionId: string) => other.ask('sftp-connect', { sessionId, ...connect })
    await expect(asking('no server')).rejects.toMatchObject({ failure: { code: 'no-sftp-server' } })
    await mkdir(join(busybox.root, 'usr/lib'), { recursive: true })
    await symlink('/bin/busybox', join(busybox.root, 'usr/lib/sftp-server'))
    await expect(asking('no sudo')).rejects.toMatchObject({ failure: { code: 'no-sudo' } })
  } finally {
    other.close()
    await busybox.close()
  }
})

test('the log and the audit file say that it was as root, and hold no password', async () => {
  const lines = async () => await readFile(join(dir, 'audit'), 'utf8')
  await client.ask('ssh-disconnect', { sessionId: 'shell' })
  await expect.poll(lines).toContain('"by":"sudo"')
  expect(await lines()).not.toContain(account.password)
  expect(relay.logText()).not.toContain(account.password)
})
