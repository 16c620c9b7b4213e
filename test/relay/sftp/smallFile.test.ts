import { afterEach, expect, test } from 'vitest'
import { packetType as sftp } from '../../../relay/sftp/packet.ts'
import { Client } from '../../harness/client.ts'
import { type LyingSftp, type SftpLie, startLyingSftp, status, stringOf } from '../../harness/lyingSftp.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'

let relay: TestRelay
let server: LyingSftp
let client: Client

async function start(extensions?: Record<string, string>) {
  relay = await startTestRelay()
  server = await startLyingSftp({ '/file': Buffer.from('what was there') }, undefined, extensions)
  client = await Client.open(relay.url)
  const { host, port, username, password } = server
  await client.ask('sftp-connect', { sessionId: 'files', host, port, username, password })
  return (asked: object) =>
    client.ask('sftp-put', {
      sessionId: 'files',
      path: '/file',
      data: Buffer.from('new'),
      existing: 'replace',
      ...asked,
    })
}

afterEach(async () => {
  client.close()
  await relay.close()
  await server.close()
})

const said = () => server.files.get('/file')?.toString()
const parts = () => [...server.files.keys()].filter((path) => path.endsWith('.part'))

/** Fails the requests of one type, as a server words it. */
const failing =
  (type: number, text: string): SftpLie =>
  (request) =>
    request.type === type ? [status(request.id, 4, text)] : undefined

test('S-XFR-03 S-XFR-05 whatever step fails, the old file stays, no part is left, and the reason is told', async () => {
  const put = await start()
  const steps: [type: number, text: string, code: string][] = [
    [sftp.write, 'No space left on device', 'no-space'],
    [sftp.fsetstat, 'Failure', 'sftp-failure'],
    [sftp.close, 'Disk quota exceeded', 'no-space'],
    [sftp.lstat, 'Failure', 'sftp-failure'],
  ]
  for (const [type, text, code] of steps) {
    server.lie = failing(type, text)
    await expect(put({ mode: 0o600 }), text).rejects.toThrow(code)
    expect(said()).toBe('what was there')
    expect(parts()).toEqual([])
  }
  server.lie = () => undefined
  await put({})
  expect(said()).toBe('new')
})

test('the part is private from its first byte on, where the file that it replaces has a mode of its own', async () => {
  const put = await start()
  await put({ fsync: true })
  const asked = server.requests.filter(({ type }) => type === sftp.open)
  // Path, flags (write, create, exclusive), then ATTRS: its flags and the mode.
  const after = stringOf(asked[0]?.body ?? Buffer.alloc(4)).next
  expect(asked[0]?.body.readUInt32BE(after)).toBe(0x2a)
  expect(asked[0]?.body.readUInt32BE(after + 8)).toBe(0o600)
  expect(stringOf(asked[0]?.body ?? Buffer.alloc(4)).bytes.toString()).toMatch(/^\/\.file\.[0-9a-f]{12}\.part$/)
  const order = server.requests.map(({ type }) => type)
  expect(order.indexOf(sftp.write)).toBeLessThan(order.lastIndexOf(sftp.fsetstat))
  expect(order.lastIndexOf(sftp.fsetstat)).toBeLessThan(order.indexOf(sftp.close))
})

test('a server that cannot rename over a file is served as well, and refuses none that is there', async () => {
  const put = await start({})
  await put({})
  expect(said()).toBe('new')
  expect(parts()).toEqual([])
  await expect(put({ existing: 'refuse' })).rejects.toThrow('file-exists')
  expect(parts()).toEqual([])
})

test('S-XFR-03 the client says how its part is called, so that it finds what a cut has left', async () => {
  const put = await start()
  await put({ random: '0123456789ab7P2' })
  const [asked] = server.requests.filter(({ type }) => type === sftp.open)
  expect(stringOf(asked?.body ?? Buffer.alloc(4)).bytes.toString()).toBe('/.file.0123456789ab7P2.part')
  for (const random of ['', '../x', 'a.b', 'x'.repeat(41), 7])
    await expect(put({ random }), String(random)).rejects.toThrow('bad-request')
})
