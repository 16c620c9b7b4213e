import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { type Proftpd, startProftpd } from '../harness/proftpd.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'

type Page = ServerPayload<'sftp-list-result'>

let server: Proftpd
let relay: TestRelay
let client: Client
let connected: ServerPayload<'sftp-connected'>

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')
const ask = <T = unknown>(event: Parameters<Client['ask']>[0], payload: object = {}) =>
  client.ask<T>(event, { sessionId: 'files', ...payload })

beforeAll(async () => {
  server = await startProftpd()
  relay = await startTestRelay()
  client = await Client.open(relay.url)
  const { host, port, username, password } = server
  connected = await ask('sftp-connect', { host, port, username, password })
}, 60_000)
afterAll(async () => {
  client.close()
  await relay.close()
  await server.close()
})

test('ProFTPD says what it can', () => {
  expect(connected).toMatchObject({ by: 'subsystem', home: server.home })
  expect(connected.limits?.read).toBeGreaterThanOrEqual(32_000)
  expect(connected.limits?.write).toBeGreaterThanOrEqual(32_000)
})

test('a file goes up and comes down whole, in as large pieces as it takes', async () => {
  const data = randomBytes(1_500_001)
  const { handle } = await ask<{ handle: number }>('sftp-open', {
    path: 'up',
    write: true,
    create: true,
    exclusive: true,
    mode: 0o600,
  })
  const { read = 0, write = 0 } = connected.limits ?? {}
  const writes = []
  for (let at = 0; at < data.length; at += write)
    writes.push(ask('sftp-write', { handle, offset: at, data: data.subarray(at, at + write) }))
  await Promise.all(writes)
  expect(await ask('sftp-fstat', { handle })).toMatchObject({ attributes: { size: data.length } })
  await ask('sftp-close', { handle })
  expect(sha256(await readFile(join(server.home, 'up')))).toBe(sha256(data))
  const down = await ask<{ handle: number }>('sftp-open', { path: 'up', read: true })
  const pieces = Array.from({ length: Math.ceil(data.length / read) }, (_, at) =>
    ask<{ data: Buffer }>('sftp-read', { handle: down.handle, offset: at * read, length: read }),
  )
  expect(sha256(Buffer.concat((await Promise.all(pieces)).map((piece) => Buffer.from(piece.data))))).toBe(sha256(data))
  expect(await ask('sftp-read', { handle: down.handle, offset: data.length, length: 10 })).toMatchObject({ end: true })
  await ask('sftp-close', { handle: down.handle })
  await ask('sftp-remove', { path: 'up' })
})

test('every verb does what it says, or says clearly that this server cannot', async () => {
  await ask('sftp-mkdir', { path: 'dir', mode: 0o755 })
  await expect(ask('sftp-mkdir', { path: 'dir' })).rejects.toMatchObject({ failure: { code: 'file-exists' } })
  await ask('sftp-put', {
    path: 'dir/small',
    data: Buffer.from('small'),
    existing: 'refuse',
    mode: 0o640,
    mtime: 1_600_000_000,
  })
  await expect(
    ask('sftp-put', { path: 'dir/small', data: Buffer.from('x'), existing: 'refuse' }),
  ).rejects.toMatchObject({
    failure: { code: 'file-exists' },
  })
  expect(await ask('sftp-stat', { path: 'dir/small' })).toMatchObject({
    attributes: { size: 5, mode: 0o100640, mtime: 1_600_000_000 },
  })
  await ask('sftp-put', { path: 'dir/small', data: Buffer.from('replaced'), existing: 'replace' })
  expect(await ask('sftp-get', { path: 'dir/small' })).toMatchObject({ data: Buffer.from('replaced') })
  await ask('sftp-setstat', { path: 'dir/small', attributes: { mode: 0o600 } })
  expect(await ask('sftp-lstat', { path: 'dir/small' })).toMatchObject({ attributes: { mode: 0o100600 } })
  await ask('sftp-rename', { from: 'dir/small', to: 'dir/renamed' })
  await ask('sftp-symlink', { path: 'dir/link', target: 'renamed' })
  // It tells where the link leads from home.
  expect(await ask('sftp-readlink', { path: 'dir/link' })).toEqual({ target: 'dir/renamed' })
  expect(await ask('sftp-realpath', { path: 'dir/../dir' })).toEqual({ path: `${server.home}/dir` })
  await ask('sftp-put', { path: 'source', data: Buffer.from('copied by the relay'), existing: 'refuse' })
  const source = await ask<{ handle: number }>('sftp-open', { path: 'source', read: true })
  const goal = await ask<{ handle: number }>('sftp-open', { path: 'dir/copy', write: true, create: true })
  await ask('sftp-copy', { handle: source.handle, offset: 0, length: 100, to: { handle: goal.handle, offset: 0 } })
  for (const { handle } of [source, goal]) await ask('sftp-close', { handle })
  expect((await readFile(join(server.home, 'dir/copy'))).toString()).toBe('copied by the relay')
  const { files } = await ask<Page>('sftp-list', { path: 'dir' })
  expect(files.map(({ name, type }) => `${type} ${name}`).sort()).toEqual(['file copy', 'file renamed', 'symlink link'])
  await expect(ask('sftp-rmdir', { path: 'dir' })).rejects.toMatchObject({
    failure: { code: expect.stringMatching(/not-empty|sftp-failure/) },
  })
  for (const name of ['link', 'renamed', 'copy']) await ask('sftp-remove', { path: `dir/${name}` })
  await ask('sftp-rmdir', { path: 'dir' })
  await expect(ask('sftp-stat', { path: 'nothing' })).rejects.toMatchObject({ failure: { code: 'no-such-file' } })
  await expect(ask('sftp-hash', { path: 'source' })).rejects.toMatchObject({
    failure: { code: expect.stringMatching(/sftp-unsupported|shell-refused/) },
  })
  const can = connected.extensions ?? []
  for (const [extension, event, payload] of [
    ['statvfs@openssh.com', 'sftp-statvfs', { path: '.' }],
    ['hardlink@openssh.com', 'sftp-hardlink', { from: 'source', to: 'hard' }],
    ['lsetstat@openssh.com', 'sftp-setstat', { path: 'source', attributes: { mode: 0o600 }, follow: false }],
  ] as const) {
    const asked = ask(event, payload)
    if (can.includes(extension)) await asked
    else await expect(asked, event).rejects.toMatchObject({ failure: { code: 'sftp-unsupported' } })
  }
})

test('names of any bytes make the way there and back', async () => {
  const names = ["it's $HOME; rm -rf *", '-rf', 'two\nlines', '\udc81\udcff', 'naïve ☂ 🦊', '%s', 'n'.repeat(255)]
  await ask('sftp-mkdir', { path: 'names' })
  for (const name of names)
    await ask('sftp-put', { path: `names/${name.slice(0, 240)}`, data: Buffer.from(name), existing: 'refuse' })
  const { files } = await ask<Page>('sftp-list', { path: 'names' })
  expect(files.map(({ name }) => name).sort()).toEqual(names.map((name) => name.slice(0, 240)).sort())
  for (const { name } of files) await ask('sftp-remove', { path: `names/${name}` })
  await ask('sftp-rmdir', { path: 'names' })
})

test('a directory of many is listed in pages', async () => {
  await ask('sftp-mkdir', { path: 'many' })
  for (let at = 0; at < 1200; at++) await writeFile(join(server.home, 'many', `entry-${at}`), '')
  let entries = 0
  for (let cursor: string | undefined; ; ) {
    const page: Page = await ask('sftp-list', { path: 'many', page: 500, ...(cursor && { cursor }) })
    entries += page.files.length
    cursor = page.cursor
    if (cursor === undefined) break
  }
  expect(entries).toBe(1200)
})
