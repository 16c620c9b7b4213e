import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { startCut } from '../harness/cut.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

type Page = ServerPayload<'sftp-list-result'>

let sshd: Sshd
let relay: TestRelay
let big: string
const open: Client[] = []

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay()
  big = join(sshd.home, 'ten thousand')
  await rm(big, { recursive: true, force: true })
  await mkdir(big)
  for (let at = 0; at < 10_000; at += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, index) => writeFile(join(big, `file ${at + index} é🙂.txt`), '')))
  }
}, 60_000)
afterEach(async () => {
  for (const client of open.splice(0)) client.close()
  // The next test has sessions of the same names.
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(0)
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
  await rm(big, { recursive: true, force: true })
})

async function shell(): Promise<Client> {
  const client = await Client.open(relay.url)
  open.push(client)
  await client.ask('ssh-connect', {
    sessionId: 'shell',
    host: sshd.host,
    port: sshd.port,
    username: sshd.username,
    password: sshd.password,
  })
  return client
}

test('the files of an open shell need no second login', async () => {
  const client = await shell()
  const logins = () => sshd.log().match(/Accepted/g)?.length
  const before = logins()
  expect(await client.ask('sftp-connect', { sessionId: 'files', session: 'shell' })).toMatchObject({
    sessionId: 'files',
    shared: true,
    home: sshd.home,
    by: 'subsystem',
  })
  const { path, files } = await client.ask<Page>('sftp-list', { sessionId: 'files', path: '.' })
  expect(path).toBe(sshd.home)
  expect(files.map(({ name }) => name)).toContain('.bashrc')
  expect(logins()).toBe(before)
})

test('the connection lives until the last of its sessions has ended', async () => {
  const client = await shell()
  await client.ask('sftp-connect', { sessionId: 'files', session: 'shell' })
  await client.ask('ssh-disconnect', { sessionId: 'shell' })
  await client.ask('sftp-list', { sessionId: 'files', path: '.' })
  await client.ask('sftp-connect', { sessionId: 'more-files', session: 'files' })
  await client.ask('sftp-disconnect', { sessionId: 'files' })
  await client.ask('sftp-list', { sessionId: 'more-files', path: '.' })
  const before = sshd.log().length
  await client.ask('sftp-disconnect', { sessionId: 'more-files' })
  await expect.poll(() => sshd.log().slice(before)).toMatch(/disconnect|closed/i)
})

test('sharing needs an open session of this login', async () => {
  const client = await shell()
  await expect(client.ask('sftp-connect', { sessionId: 'files', session: 'nobody' })).rejects.toMatchObject({
    failure: { code: 'no-session', sessionId: 'files' },
  })
})

test('10,000 entries come whole for one request, and page by page without a gap', async () => {
  const client = await shell()
  await client.ask('sftp-connect', { sessionId: 'files', session: 'shell' })
  const whole = await client.ask<Page>('sftp-list', { sessionId: 'files', path: big })
  expect(whole.files.length).toBe(10_000)
  expect(whole.more).toBeUndefined()
  const names: string[] = []
  let pages = 0
  let cursor: string | undefined
  do {
    const page: Page = await client.ask<Page>('sftp-list', {
      sessionId: 'files',
      path: big,
      page: 1000,
      ...(cursor && { cursor }),
    })
    names.push(...page.files.map(({ name }) => name))
    cursor = page.cursor
    pages += 1
  } while (cursor)
  expect(pages).toBe(10)
  expect(new Set(names)).toEqual(new Set(whole.files.map(({ name }) => name)))
  expect(names.length).toBe(10_000)
  expect(names).toContain('file 9999 é🙂.txt')
  // The answer of a page is in the acknowledgement alone.
  expect(client.heard('sftp-list-result').length).toBe(1)
})

test('R-LIM-01 listings under way are bounded, and free again when they end', async () => {
  const client = await shell()
  await client.ask('sftp-connect', { sessionId: 'files', session: 'shell' })
  const first = () => client.ask<Page>('sftp-list', { sessionId: 'files', path: big, page: 10 })
  const pages = []
  for (let turn = 0; turn < relay.config.limits.cursors; turn++) pages.push(await first())
  await expect(first()).rejects.toThrow('too-many-handles')
  let { cursor } = pages[0] ?? {}
  while (cursor)
    cursor = (await client.ask<Page>('sftp-list', { sessionId: 'files', path: big, page: 1000, cursor })).cursor
  await first()
  await expect(client.ask('sftp-list', { sessionId: 'files', path: big, cursor: 'made up' })).rejects.toThrow(
    'no-session',
  )
})

test('a server without the subsystem says so', async () => {
  const bare = await startSshd(['Subsystem sftp /bin/false'])
  const client = await Client.open(relay.url)
  open.push(client)
  await expect(
    client.ask('sftp-connect', {
      sessionId: 'files',
      host: bare.host,
      port: bare.port,
      username: bare.username,
      password: bare.password,
    }),
  ).rejects.toMatchObject({ failure: { code: 'sftp-refused', phase: 'files' } })
  await bare.close()
})

test('when the server goes, the conversation ends with a word', async () => {
  const weather = await startCut(sshd.port)
  const client = await Client.open(relay.url)
  open.push(client)
  await client.ask('sftp-connect', {
    sessionId: 'files',
    host: '127.0.0.1',
    port: weather.port,
    username: sshd.username,
    password: sshd.password,
  })
  await client.ask('sftp-list', { sessionId: 'files', path: '/' })
  weather.cut()
  expect(await client.next('sftp-error')).toMatchObject({
    sessionId: 'files',
    code: 'server-disconnected',
    retry: true,
  })
  expect(await client.next('sftp-disconnected')).toEqual({ sessionId: 'files' })
  await weather.close()
})
