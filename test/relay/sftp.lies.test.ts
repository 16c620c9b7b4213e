import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { packetType as sftp } from '../../relay/sftp/packet.ts'
import type { ServerPayload } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { type LyingSftp, lies, type SftpLie, startLyingSftp } from '../harness/lyingSftp.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'

type Page = ServerPayload<'sftp-list-result'>

const content = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251))
const honest: SftpLie = () => undefined

let liar: LyingSftp
let relay: TestRelay
let client: Client
let sessions = 0

beforeAll(async () => {
  liar = await startLyingSftp({ '/file': content, '/dir/in': Buffer.from('in') })
  relay = await startTestRelay({ limits: { sftpStallMs: 1000, connectBurst: 1000 } })
  client = await Client.open(relay.url)
})
afterEach(() => {
  liar.lie = honest
})
afterAll(async () => {
  client.close()
  await relay.close()
  await liar.close()
})

/** Opens files on the liar, while it is still honest unless told otherwise. */
async function connect(lie: SftpLie = honest) {
  liar.lie = lie
  sessions += 1
  const sessionId = `files ${sessions}`
  const { host, port, username, password } = liar
  await client.ask('sftp-connect', { sessionId, host, port, username, password })
  const ask = <T = unknown>(event: Parameters<Client['ask']>[0], payload: object = {}) =>
    client.ask<T>(event, { sessionId, ...payload })
  return { sessionId, ask }
}

const failing = (code: string) => ({ failure: { code, phase: 'files' } })

const malformed: [what: string, lie: SftpLie][] = [
  ['an id that nobody asked with', lies.wrongId(sftp.stat)],
  ['a reply of another type', lies.wrongType(sftp.stat)],
  ['a type that there is none', lies.unknownType(sftp.stat)],
  ['a packet of no length', lies.zeroLength(sftp.stat)],
  ['a packet beyond 256 KiB', lies.tooLong(sftp.stat)],
  ['a packet of 2^32 − 1 bytes', lies.tooLong(sftp.stat, 0xffffffff)],
  ['a packet that ends in the middle', lies.cutShort(sftp.stat)],
  ['a reply that comes twice', lies.duplicate(sftp.stat)],
]

test.each(malformed)('S-LST-02 %s ends the session and nothing else', async (_, lie) => {
  const other = await connect()
  const { sessionId, ask } = await connect(lie)
  await ask('sftp-stat', { path: '/file' }).catch(({ failure }) => expect(failure.code).toBe('bad-reply'))
  expect(await client.next('sftp-error', (error) => error.sessionId === sessionId)).toMatchObject({
    sessionId,
    code: 'bad-reply',
  })
  await client.next('sftp-disconnected', (over) => over.sessionId === sessionId)
  liar.lie = honest
  await other.ask('sftp-stat', { path: '/file' })
  await other.ask('sftp-disconnect')
})

test.each([
  ['2^32 − 1 names', lies.hugeCount()],
  ['an entry cut short', lies.cutShort(sftp.readdir)],
])('S-LST-02 a listing of %s ends the session', async (_, lie) => {
  const { sessionId, ask } = await connect(lie)
  await expect(ask('sftp-list', { path: '/dir', page: 100 })).rejects.toMatchObject({ failure: { code: 'bad-reply' } })
  await client.next('sftp-disconnected', (over) => over.sessionId === sessionId)
})

test.each([
  ['more bytes than were asked for', lies.longData()],
  ['a string longer than its packet', lies.longString()],
])('S-LST-02 a read of %s ends the session', async (_, lie) => {
  const { sessionId, ask } = await connect(lie)
  const { handle } = await ask<{ handle: number }>('sftp-open', { path: '/file', read: true })
  await expect(ask('sftp-read', { handle, offset: 0, length: 100 })).rejects.toMatchObject(failing('bad-reply'))
  await client.next('sftp-disconnected', (over) => over.sessionId === sessionId)
})

test('S-LST-02 a reply after the file was closed is a reply to nothing', async () => {
  const { sessionId, ask } = await connect(lies.replyAfterClose())
  const { handle } = await ask<{ handle: number }>('sftp-open', { path: '/file', read: true })
  await ask('sftp-read', { handle, offset: 0, length: 100 })
  await ask('sftp-close', { handle })
  expect(await client.next('sftp-error', (error) => error.sessionId === sessionId)).toMatchObject({ code: 'bad-reply' })
})

test('S-LST-02 what is no SFTP server at the greeting is refused as such', async () => {
  for (const lie of [
    lies.zeroLength(sftp.init),
    lies.wrongType(sftp.init),
    lies.tooLong(sftp.init),
    lies.stall(sftp.init),
  ])
    await expect(connect(lie)).rejects.toMatchObject(failing('sftp-refused'))
})

test('S-LST-01 a listing without end comes in pages, and can be left', async () => {
  const { ask } = await connect(lies.endlessListing())
  const first = await ask<Page>('sftp-list', { path: '/dir', page: 500 })
  expect(first.files.length).toBe(500)
  expect(first.cursor).toBeDefined()
  await ask('sftp-disconnect')
})

test('S-LST-01 an entry of 200 KiB, and the same name again and again, are no reason to fail', async () => {
  const { ask } = await connect(lies.longNames(1, 200 * 1024))
  const large = await ask<Page>('sftp-list', { path: '/dir' })
  expect(large.files.length + (large.dropped ?? 0)).toBe(1)
  liar.lie = lies.listing(Array.from({ length: 1000 }, () => 'same'))
  const same = await ask<Page>('sftp-list', { path: '/dir' })
  expect(same.files.every(({ name }) => name === 'same')).toBe(true)
  await ask('sftp-disconnect')
})

test('S-NAM-01 names that are none are dropped and counted; those in no code make the way there and back', async () => {
  const raw = Buffer.from([0xff, 0x80, 0x0a, 0x1b])
  const { ask } = await connect()
  liar.lie = (request, truth, wire) =>
    lies.listing(['good', '..', '.', '', '../up', '/etc/passwd', 'nul\0nul', 'a\nb', raw])(request, truth, wire)
  const { files, dropped } = await ask<Page>('sftp-list', { path: '/dir' })
  expect(files.map(({ name }) => name).sort()).toEqual(['a\nb', 'good', '\udcff\udc80\n\u001b'].sort())
  expect(dropped).toBe(4)
  liar.lie = honest
  await ask('sftp-stat', { path: '/\udcff\udc80\n\u001b' }).catch(() => undefined)
  expect((await liar.asked(({ body }) => body.includes(raw))).type).toBe(sftp.stat)
  await ask('sftp-disconnect')
})

test('S-XFR-02 short reads are told as they are, and a small file is put together from them', async () => {
  const { ask } = await connect(lies.shortReads(33_333))
  const { handle } = await ask<{ handle: number }>('sftp-open', { path: '/file', read: true })
  const { data } = await ask<{ data: Buffer }>('sftp-read', { handle, offset: 0, length: 100_000 })
  expect(data.length).toBeLessThanOrEqual(33_333)
  const whole = await ask<{ data: Buffer }>('sftp-get', { path: '/file' })
  expect(Buffer.from(whole.data).equals(content)).toBe(true)
  await ask('sftp-disconnect')
})

test.each([
  ['ends early', lies.earlyEof(60_000)],
  ['shrinks as it is read', lies.sizeChanges(2, 60_000)],
  ['gives nothing and has no end', lies.emptyData()],
])('S-XFR-02 a small file that %s is no success', async (_, lie) => {
  const { ask } = await connect(lie)
  await expect(ask('sftp-get', { path: '/file' })).rejects.toMatchObject({
    failure: { message: expect.stringMatching(/\d+ of 100000 bytes/) },
  })
  await ask('sftp-disconnect').catch(() => undefined)
})

test('S-XFR-02 an upload of which bytes are lost is no success, and leaves what was there', async () => {
  const { ask } = await connect((request, truth) => {
    if (request.type !== sftp.write) return undefined
    for (const [path] of liar.files) if (path.endsWith('.part')) liar.files.set(path, Buffer.from('lost'))
    return [truth]
  })
  const put = { path: '/file', data: Buffer.alloc(5000), existing: 'replace' }
  await expect(ask('sftp-put', put)).rejects.toMatchObject(failing('wrong-size'))
  expect(liar.files.get('/file')?.equals(content)).toBe(true)
  expect([...liar.files.keys()].filter((path) => path.endsWith('.part'))).toEqual([])
  await ask('sftp-disconnect')
})

test('S-XFR-02 a server that falls silent is given up', async () => {
  const { sessionId, ask } = await connect(lies.stall(sftp.read))
  const { handle } = await ask<{ handle: number }>('sftp-open', { path: '/file', read: true })
  await expect(ask('sftp-read', { handle, offset: 0, length: 100 })).rejects.toMatchObject(
    failing('server-disconnected'),
  )
  await client.next('sftp-disconnected', (over) => over.sessionId === sessionId)
})

test('after all that the relay stands, and nothing was a bug', async () => {
  const { ask } = await connect()
  expect(await ask<Page>('sftp-list', { path: '/dir' })).toMatchObject({ files: [{ name: 'in' }] })
  await ask('sftp-disconnect')
  expect(relay.events.filter(({ event }) => event === 'bug')).toEqual([])
})
