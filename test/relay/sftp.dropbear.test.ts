import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { type Dropbear, startDropbear } from '../harness/dropbear.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'

type Page = ServerPayload<'sftp-list-result'>

/** A directory of the test's own. */
let dir: string
let server: Dropbear
let relay: TestRelay
let client: Client
let connected: ServerPayload<'sftp-connected'>

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
const ask = <T = unknown>(event: Parameters<Client['ask']>[0], payload: object = {}) =>
  client.ask<T>(event, { sessionId: 'files', ...payload })

beforeAll(async () => {
  server = await startDropbear()
  relay = await startTestRelay()
  client = await Client.open(relay.url)
  const { host, port, username, password } = server
  connected = await ask('sftp-connect', { host, port, username, password })
  dir = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-files-')))
  await chmod(dir, 0o777)
}, 60_000)
afterAll(async () => {
  client?.close()
  await relay?.close()
  await server?.close()
  if (dir) await rm(dir, { recursive: true, force: true })
})

// It runs that by the login shell, whose start-up files may go elsewhere before.
test('Dropbear has the SFTP server of the host for its subsystem, with all that it can', () => {
  expect(connected).toMatchObject({ by: 'subsystem', home: expect.stringContaining(server.home) })
  expect(connected.extensions).toEqual(expect.arrayContaining(['posix-rename@openssh.com', 'fsync@openssh.com']))
})

test('S-XFR-01 a file goes up and comes down whole, through the small windows that it grants', async () => {
  const data = randomBytes(1_500_001)
  const path = join(dir, 'up')
  const { handle } = await ask<{ handle: number }>('sftp-open', { path, write: true, create: true, exclusive: true })
  const { write = 0 } = connected.limits ?? {}
  const writes = []
  for (let at = 0; at < data.length; at += write)
    writes.push(ask('sftp-write', { handle, offset: at, data: data.subarray(at, at + write) }))
  await Promise.all(writes)
  await ask('sftp-fsync', { handle })
  await ask('sftp-close', { handle })
  expect(sha256(await readFile(path))).toBe(sha256(data))
  expect(await ask('sftp-hash', { path })).toEqual({ sha256: sha256(data) })
  const id = randomBytes(16).toString('hex')
  await ask('sftp-offer', { id, path, name: 'down' })
  const down = await fetch(new URL(`/offer/${id}`, relay.url))
  expect(sha256(new Uint8Array(await down.arrayBuffer()))).toBe(sha256(data))
})

test('small files, names of any bytes, and a directory of many, in pages', async () => {
  await ask('sftp-put', { path: join(dir, 'small'), data: Buffer.from('old'), existing: 'refuse', mode: 0o640 })
  await ask('sftp-put', { path: join(dir, 'small'), data: Buffer.from('new'), existing: 'replace' })
  expect(await ask('sftp-get', { path: join(dir, 'small') })).toMatchObject({
    data: Buffer.from('new'),
    attributes: { mode: 0o100640 },
  })
  await ask('sftp-mkdir', { path: join(dir, 'many'), mode: 0o777 })
  await chmod(join(dir, 'many'), 0o777)
  for (let at = 0; at < 1200; at++) await writeFile(join(dir, 'many', `entry-${at}`), '')
  const odd = ['-rf', 'two\nlines', '\udc81\udcff', 'naïve ☂ 🦊']
  for (const name of odd)
    await ask('sftp-put', { path: `${dir}/many/${name}`, data: Buffer.from(name), existing: 'refuse' })
  const names: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page: Page = await ask('sftp-list', { path: `${dir}/many`, page: 500, ...(cursor && { cursor }) })
    names.push(...page.files.map(({ name }) => name))
    cursor = page.cursor
    if (cursor === undefined) break
  }
  expect(names.length).toBe(1200 + odd.length)
  expect(names).toEqual(expect.arrayContaining(odd))
})

test('a shell and its files share one login, and files come as root nowhere that sudo says no', async () => {
  const { host, port, username, password } = server
  await client.ask('ssh-connect', { sessionId: 'shell', host, port, username, password })
  await client.ask('sftp-connect', { sessionId: 'beside', session: 'shell' })
  expect(await client.ask('sftp-realpath', { sessionId: 'beside', path: '.' })).toEqual({ path: connected.home })
  await client.ask('sftp-connect', { sessionId: 'by exec', session: 'shell', by: 'exec' })
  // From where a start-up file has gone it is brought home.
  expect(await client.ask('sftp-realpath', { sessionId: 'by exec', path: '.' })).toEqual({ path: server.home })
  await expect(
    client.ask('sftp-connect', { sessionId: 'as root', session: 'shell', by: 'sudo', sudoPassword: password }),
  ).rejects.toMatchObject({ failure: { code: expect.stringMatching(/^(sudo-refused|no-sudo)$/) } })
})
