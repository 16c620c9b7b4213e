import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { type BusyboxSshd, startBusyboxSshd } from '../harness/busyboxSshd.ts'
import { Client } from '../harness/client.ts'
import { startCut } from '../harness/cut.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

type Connected = ServerPayload<'sftp-connected'>

let bare: Sshd
let busybox: BusyboxSshd
let relay: TestRelay
const open: Client[] = []
let sessions = 0

beforeAll(async () => {
  bare = await startSshd(['Subsystem none /bin/false'])
  busybox = await startBusyboxSshd()
  relay = await startTestRelay()
}, 60_000)
afterEach(() => {
  for (const client of open.splice(0)) client.close()
})
afterAll(async () => {
  await relay.close()
  await busybox.close()
  await bare.close()
})

async function connect(to: Sshd, by?: 'exec'): Promise<{ client: Client; connected: Connected; session: string }> {
  const client = await Client.open(relay.url)
  open.push(client)
  const { host, port, username, password } = to
  sessions += 1
  const [session, sessionId] = [`shell ${sessions}`, `files ${sessions}`]
  await client.ask('ssh-connect', { sessionId: session, host, port, username, password })
  const connected = await client.ask<Connected>('sftp-connect', { sessionId, session, ...(by && { by }) })
  return { client, connected, session }
}

test('a host without the subsystem says so, and its server is had as a command on the same connection', async () => {
  await expect(connect(bare)).rejects.toMatchObject({ failure: { code: 'sftp-refused', phase: 'files' } })
  const logins = () => bare.log().match(/Accepted/g)?.length ?? 0
  const before = logins()
  const { client, connected } = await connect(bare, 'exec')
  expect(connected).toMatchObject({ by: 'exec', home: bare.home, shared: true })
  expect(connected.extensions).toContain('posix-rename@openssh.com')
  expect(logins() - before).toBe(1)
  const { files } = await client.ask<ServerPayload<'sftp-list-result'>>('sftp-list', {
    sessionId: connected.sessionId,
    path: '.',
  })
  expect(files.map(({ name }) => name)).toContain('.bashrc')
})

test('where there is no server either, the commands of BusyBox do all that the events ask for', async () => {
  await expect(connect(busybox)).rejects.toMatchObject({ failure: { code: 'sftp-refused' } })
  const { client, connected } = await connect(busybox, 'exec')
  expect(connected).toMatchObject({ by: 'shell', home: busybox.home })
  const ask = <T = unknown>(event: Parameters<Client['ask']>[0], payload: object) =>
    client.ask<T>(event, { sessionId: connected.sessionId, ...payload })

  const data = randomBytes(2_000_003)
  const { handle } = await ask<{ handle: number }>('sftp-open', {
    path: '.up.part',
    write: true,
    create: true,
    exclusive: true,
    mode: 0o600,
  })
  const piece = connected.limits?.write ?? 0
  const writes = []
  for (let at = 0; at < data.length; at += piece)
    writes.push(ask('sftp-write', { handle, offset: at, data: data.subarray(at, at + piece) }))
  await Promise.all(writes)
  expect(await ask('sftp-fstat', { handle })).toMatchObject({ attributes: { size: data.length, mode: 0o100600 } })
  await ask('sftp-fsetstat', { handle, attributes: { mode: 0o644, atime: 1_600_000_000, mtime: 1_600_000_000 } })
  await ask('sftp-close', { handle })
  await ask('sftp-rename', { from: '.up.part', to: "it's $HOME", overwrite: true })
  const hash = createHash('sha256').update(data).digest('hex')
  expect(
    createHash('sha256')
      .update(await readFile(join(busybox.outside, "it's $HOME")))
      .digest('hex'),
  ).toBe(hash)
  expect(await ask('sftp-hash', { path: "it's $HOME" })).toEqual({ sha256: hash })

  const again = await ask<{ handle: number }>('sftp-open', { path: "it's $HOME", read: true })
  const parts: Buffer[] = []
  for (let at = 0; ; at += parts.at(-1)?.length ?? 0) {
    const part = await ask<{ data: Buffer; end?: true }>('sftp-read', {
      handle: again.handle,
      offset: at,
      length: 200_000,
    })
    if (part.end) break
    parts.push(Buffer.from(part.data))
  }
  expect(createHash('sha256').update(Buffer.concat(parts)).digest('hex')).toBe(hash)
  await ask('sftp-close', { handle: again.handle })

  await ask('sftp-mkdir', { path: 'made' })
  await ask('sftp-put', { path: 'made/small', data: Buffer.from('small'), existing: 'refuse' })
  await expect(
    ask('sftp-put', { path: 'made/small', data: Buffer.from('x'), existing: 'refuse' }),
  ).rejects.toMatchObject({
    failure: { code: 'file-exists' },
  })
  await ask('sftp-put', { path: 'made/small', data: Buffer.from('other'), existing: 'replace' })
  expect(await ask('sftp-get', { path: 'made/small' })).toMatchObject({ data: Buffer.from('other') })
  await ask('sftp-symlink', { path: 'made/link', target: 'small' })
  expect(await ask('sftp-readlink', { path: 'made/link' })).toEqual({ target: 'small' })
  const { files } = await ask<ServerPayload<'sftp-list-result'>>('sftp-list', { path: 'made' })
  expect(
    files
      .map(({ name, type, size }) => ({ name, type, ...(type === 'file' && { size }) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  ).toEqual([
    { name: 'link', type: 'symlink' },
    { name: 'small', type: 'file', size: 5 },
  ])
  await expect(ask('sftp-rmdir', { path: 'made' })).rejects.toMatchObject({ failure: { code: 'not-empty' } })
  await expect(ask('sftp-mkdir', { path: '/cannot' })).rejects.toMatchObject({ failure: { code: 'permission-denied' } })
  await expect(ask('sftp-fsync', { handle: 99 })).rejects.toMatchObject({ failure: { code: 'no-handle' } })
  await ask('sftp-copy', { ...(await copying(ask, 'made/small', 'made/copy')) })
  expect((await readFile(join(busybox.outside, 'made/copy'))).toString()).toBe('other')
  // There is no /proc in which `df` could look.
  await expect(ask('sftp-statvfs', { path: '.' })).rejects.toMatchObject({ failure: { code: 'sftp-unsupported' } })
  for (const name of ['link', 'small', 'copy']) await ask('sftp-remove', { path: `made/${name}` })
  await ask('sftp-rmdir', { path: 'made' })
  await ask('sftp-remove', { path: "it's $HOME" })
})

async function copying(
  ask: <T>(event: Parameters<Client['ask']>[0], payload: object) => Promise<T>,
  from: string,
  to: string,
) {
  const source = await ask<{ handle: number }>('sftp-open', { path: from, read: true })
  const goal = await ask<{ handle: number }>('sftp-open', { path: to, write: true, create: true })
  return { handle: source.handle, offset: 0, length: 1000, to: { handle: goal.handle, offset: 0 } }
}

test('an end of the connection ends the session, and the record says how the files were had', async () => {
  const cut = await startCut(busybox.port)
  const { client, connected, session } = await connect({ ...busybox, port: cut.port }, 'exec')
  const { sessionId } = connected
  await client.ask('ssh-disconnect', { sessionId: session })
  // The connection is the files' own now; it goes with what runs on it.
  await client.ask('sftp-list', { sessionId, path: '.' })
  await cut.close()
  expect(await client.next('sftp-error')).toMatchObject({ sessionId, code: 'server-disconnected' })
  await client.next('sftp-disconnected')
  expect(relay.events.some((event) => event.by === 'exec' && event.session === sessionId)).toBe(true)
})
