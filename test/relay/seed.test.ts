import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

// Everything here is written as a reader of seed 000 would write it: its events, its fields, no acknowledgements.

let sshd: Sshd
let relay: TestRelay

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay()
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
})

/** A socket and a way to wait for one of its events. */
async function client(options = {}) {
  const socket = io(relay.url, { forceNew: true, reconnection: false, ...options })
  await new Promise((resolve, reject) => {
    socket.on('connect', () => resolve(undefined))
    socket.on('connect_error', reject)
  })
  // biome-ignore lint/suspicious/noExplicitAny: the seed's payloads, as a script in plain JavaScript sees them
  const once = (event: string): Promise<any> => new Promise((resolve) => socket.once(event, resolve))
  return { socket, once }
}

const login = () => ({ host: sshd.host, port: sshd.port, username: sshd.username, password: sshd.password })

test.each([['websocket'], ['polling']])(
  'a shell over %s: connect, type, see, resize, disconnect',
  async (transport) => {
    const { socket, once } = await client({ transports: [transport] })
    let output = ''
    const shown = (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => output.includes(text) && resolve()
        socket.on('ssh-data', look)
        look()
      })
    socket.on('ssh-data', (data) => {
      expect(Object.keys(data).sort()).toEqual(['data', 'sessionId'])
      expect(typeof data.data).toBe('string')
      output += data.data
    })
    const connected = once('ssh-connected')
    socket.emit('ssh-connect', { sessionId: 'unique-session-id', ...login(), cols: 90, rows: 20 })
    expect(await connected).toEqual({ sessionId: 'unique-session-id' })
    socket.emit('ssh-data', { sessionId: 'unique-session-id', data: 'stty size; echo "it $((1+1)) works"\n' })
    await shown('it 2 works')
    expect(output).toContain('20 90')
    socket.emit('ssh-resize', { sessionId: 'unique-session-id', cols: 120, rows: 40 })
    socket.emit('ssh-data', { sessionId: 'unique-session-id', data: 'stty size\n' })
    await shown('40 120')
    socket.emit('ssh-data', { sessionId: 'unique-session-id', data: 'echo pid-$$-\n' })
    await shown('pid-')
    const gone = once('ssh-disconnected')
    socket.emit('ssh-disconnect', { sessionId: 'unique-session-id' })
    expect((await gone).sessionId).toBe('unique-session-id')
    socket.disconnect()
  },
)

test('port 22 and 80×24 are what is meant when nothing is said', async () => {
  const { socket, once } = await client()
  const connected = once('ssh-connected')
  const { port: _, ...rest } = login()
  socket.emit('ssh-connect', { sessionId: 'default-size', ...login() })
  await connected
  const output = new Promise<string>((resolve) => {
    let all = ''
    socket.on('ssh-data', ({ data }) => {
      all += data
      if (/\d+ \d+\r\n/.test(all)) resolve(all)
    })
  })
  socket.emit('ssh-data', { sessionId: 'default-size', data: 'stty size\n' })
  expect(await output).toContain('24 80')
  const refused = once('ssh-error')
  socket.emit('ssh-connect', { sessionId: 'default-port', ...rest, host: '127.0.0.2' })
  expect(await refused).toMatchObject({ sessionId: 'default-port', code: 'no-ssh-server', phase: 'connection' })
  socket.disconnect()
})

test('R-VAL-07 characters are never split, wherever the server cuts its packets', async () => {
  const { socket, once } = await client()
  const connected = once('ssh-connected')
  socket.emit('ssh-connect', { sessionId: 'utf8', ...login() })
  await connected
  const chunks: string[] = []
  const done = new Promise<void>((resolve) =>
    socket.on('ssh-data', ({ data }) => {
      chunks.push(data)
      if (chunks.slice(-3).join('').includes('all-of-it-done')) resolve()
    }),
  )
  // One byte at a time, so that every boundary inside é, 日, 🙂 and a family of joined emoji is a boundary of packets.
  const text = 'é日🙂👩‍👩‍👧e\u0301'
  const hex = Buffer.from(text).toString('hex')
  socket.emit('ssh-data', {
    sessionId: 'utf8',
    data: `stty -echo; for i in 1 2 3; do for b in $(echo ${hex} | sed 's/../& /g'); do printf "\\x$b"; sleep 0.002; done; done; echo all-of-it-"done"\n`,
  })
  await done
  const all = chunks.join('')
  expect(all).toContain(text.repeat(3))
  expect(all).not.toContain('\ufffd')
  expect(chunks.every((chunk) => !/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(chunk))).toBe(true)
  socket.disconnect()
})

test('private keys: in clear, encrypted, and what is said about bad ones', async () => {
  const { socket, once } = await client()
  const { password: _, ...who } = login()
  const attempt = async (sessionId: string, fields: object) => {
    const answer = Promise.race([once('ssh-connected'), once('ssh-error')])
    socket.emit('ssh-connect', { sessionId, ...who, ...fields })
    return answer
  }
  expect(await attempt('clear', { privateKey: sshd.privateKey })).toEqual({ sessionId: 'clear' })
  expect(await attempt('sealed', { privateKey: sshd.encryptedKey, passphrase: sshd.passphrase })).toEqual({
    sessionId: 'sealed',
  })
  expect(await attempt('wrong', { privateKey: sshd.encryptedKey, passphrase: 'no' })).toMatchObject({
    sessionId: 'wrong',
    code: 'bad-passphrase',
  })
  expect(await attempt('junk', { privateKey: 'not a key' })).toMatchObject({
    sessionId: 'junk',
    code: 'bad-private-key',
  })
  socket.disconnect()
})

test('failures say what, for which session, and with a code', async () => {
  const { socket, once } = await client()
  const refused = once('ssh-error')
  socket.emit('ssh-connect', { sessionId: 'wrong-password', ...login(), password: 'nonsense' })
  expect(await refused).toMatchObject({
    sessionId: 'wrong-password',
    code: 'login-refused',
    phase: 'login',
    message: expect.stringContaining('password'),
  })
  const unknown = once('ssh-error')
  socket.emit('ssh-data', { sessionId: 'nobody', data: 'x' })
  expect(await unknown).toMatchObject({ sessionId: 'nobody', code: 'no-session' })
  const files = once('sftp-error')
  socket.emit('sftp-list', { sessionId: 'nobody', path: '/' })
  expect(await files).toMatchObject({ sessionId: 'nobody', code: 'no-session', message: expect.any(String) })
  socket.disconnect()
})

test('a directory: every field of FileInfo, owners by name, links, and errors', async () => {
  const dir = join(sshd.home, 'seed files')
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir)
  await writeFile(join(dir, 'plain.txt'), 'hello', { mode: 0o640 })
  await mkdir(join(dir, 'sub'))
  await symlink('plain.txt', join(dir, 'link'))
  const { socket, once } = await client()
  const connected = once('sftp-connected')
  socket.emit('sftp-connect', { sessionId: 'files', ...login() })
  expect(await connected).toMatchObject({ sessionId: 'files' })
  const listed = once('sftp-list-result')
  socket.emit('sftp-list', { sessionId: 'files', path: dir })
  const { files, sessionId, path } = await listed
  expect({ sessionId, path }).toEqual({ sessionId: 'files', path: dir })
  const byName = Object.fromEntries(files.map((file: { name: string }) => [file.name, file]))
  expect(Object.keys(byName).sort()).toEqual(['link', 'plain.txt', 'sub'])
  expect(byName['plain.txt']).toEqual({
    name: 'plain.txt',
    path: `${dir}/plain.txt`,
    size: 5,
    type: 'file',
    permissions: '-rw-r-----',
    owner: 'root',
    group: 'root',
    modifiedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
  })
  expect(byName.sub).toMatchObject({ type: 'directory', permissions: expect.stringMatching(/^drwx/) })
  expect(byName.link).toMatchObject({ type: 'symlink', permissions: 'lrwxrwxrwx' })
  const missing = once('sftp-error')
  socket.emit('sftp-list', { sessionId: 'files', path: `${dir}/nothing` })
  expect(await missing).toMatchObject({ sessionId: 'files', code: 'no-such-file' })
  const denied = once('sftp-error')
  socket.emit('sftp-list', { sessionId: 'files', path: '/root' })
  expect(await denied).toMatchObject({ sessionId: 'files', code: 'permission-denied' })
  socket.disconnect()
  await rm(dir, { recursive: true })
})

test('a client that cannot be asked: a new host key is kept, a changed one refused', async () => {
  const own = await startSshd()
  const { socket, once } = await client()
  const attempt = async (sessionId: string) => {
    const answer = Promise.race([once('ssh-connected'), once('ssh-error')])
    socket.emit('ssh-connect', {
      sessionId,
      host: own.host,
      port: own.port,
      username: own.username,
      password: own.password,
    })
    return answer
  }
  expect(await attempt('first')).toEqual({ sessionId: 'first' })
  await own.changeHostKey()
  const before = own.log()
  expect(await attempt('second')).toMatchObject({ sessionId: 'second', code: 'host-key-changed', phase: 'host-key' })
  expect(own.log().slice(before.length)).not.toMatch(/Accepted|Failed password/)
  socket.disconnect()
  await own.close()
})

test('a slow reader holds its own stream and nothing else', async () => {
  const { socket, once } = await client()
  const connected = once('ssh-connected')
  socket.emit('ssh-connect', { sessionId: 'flood', ...login() })
  await connected
  // The client's own transport stops reading: all that is left to hold the flood is back-pressure.
  const raw = (socket.io.engine as unknown as { transport: { ws: { pause(): void; resume(): void } } }).transport.ws
  const lines: string[] = []
  const done = new Promise<void>((resolve) =>
    socket.on('ssh-data', ({ data }) => {
      lines.push(data)
      if (lines.slice(-3).join('').includes('end-of-flood')) resolve()
    }),
  )
  socket.emit('ssh-data', { sessionId: 'flood', data: 'stty -echo; seq 1 3000000; echo end-of-"flood"\n' })
  await once('ssh-data')
  raw.pause()
  const other = await client()
  const quick = other.once('ssh-connected')
  other.socket.emit('ssh-connect', { sessionId: 'neighbour', ...login() })
  await quick
  const before = process.memoryUsage().rss
  const listed = other.once('sftp-connected')
  other.socket.emit('sftp-connect', { sessionId: 'neighbour-files', ...login() })
  await listed
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  raw.resume()
  await done
  const numbers = lines.join('').match(/^\d+\r$/gm) ?? []
  expect(numbers.length).toBe(3_000_000)
  socket.disconnect()
  other.socket.disconnect()
}, 60_000)
