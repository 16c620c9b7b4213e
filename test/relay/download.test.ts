import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, realpath, rm, truncate, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { packetType as type } from '../../relay/sftp/packet.ts'
import { Client } from '../harness/client.ts'
import { ask } from '../harness/http.ts'
import { type LyingSftp, lies, startLyingSftp } from '../harness/lyingSftp.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const mebibyte = 1024 * 1024
const content = randomBytes(3 * mebibyte + 77)

let sshd: Sshd
let liar: LyingSftp
let relay: TestRelay
let client: Client
/** A directory of the test's own. */
let dir: string

beforeAll(async () => {
  ;[sshd, liar] = await Promise.all([startSshd(), startLyingSftp({ '/file': content })])
  relay = await startTestRelay({ limits: { offerWaitMs: 100, connectBurst: 1000 } })
})
beforeEach(async () => {
  client = await Client.open(relay.url)
  dir = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-offer-')))
  await chmod(dir, 0o777)
})
afterEach(async () => {
  client.close()
  liar.lie = () => undefined
  await rm(dir, { recursive: true, force: true })
})
afterAll(async () => {
  await relay.close()
  await Promise.all([sshd.close(), liar.close()])
})

const newId = () => randomBytes(16).toString('hex')
const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
const urlOf = (id: string, at = relay) => new URL(`/offer/${id}`, at.url)

/** Opens the files of a server; what is returned offers one of them. */
async function openFiles(server: Sshd | LyingSftp, { as = client, sessionId = newId() } = {}) {
  const { host, port, username, password } = server
  await as.ask('sftp-connect', { sessionId, host, port, username, password })
  const offer = async (path: string, name = 'name', id = newId()) => {
    await as.ask('sftp-offer', { sessionId, id, path, name })
    return id
  }
  return { sessionId, offer }
}

/** Begins to fetch an offer, and reads nothing of it. */
async function begin(id: string, at = relay): Promise<IncomingMessage> {
  const [answer] = (await once(get(urlOf(id, at)), 'response')) as [IncomingMessage]
  expect(answer.statusCode).toBe(200)
  return answer
}

/** How the download came out that a session had last, once it has. */
async function outcome(sessionId: string, at = relay): Promise<unknown> {
  return expect
    .poll(() => at.events.findLast((line) => line.event === 'download' && line.session === sessionId), {
      timeout: 20_000,
    })
    .toBeDefined()
    .then(
      () => at.events.findLast((line) => line.event === 'download' && line.session === sessionId)?.outcome as unknown,
    )
}

/** Reads until the end, which must be a broken connection; gives how much there was. */
async function broken(answer: IncomingMessage): Promise<number> {
  let bytes = 0
  answer.on('data', (data: Buffer) => {
    bytes += data.length
  })
  await expect(once(answer, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' })
  return bytes
}

/** What a server was asked to open and not yet to close. */
const left = () => liar.requests.filter((one) => one.type === type.open).length - closes()
const closes = () => liar.requests.filter((one) => one.type === type.close).length

test('S-NAM-02 S-XFR-01 an offered file comes whole under its name, and once', async () => {
  const { offer, sessionId } = await openFiles(sshd)
  for (const size of [0, 1, 32_767, 32_768, 32_769, mebibyte, content.length]) {
    const path = join(dir, `of ${size}`)
    await writeFile(path, content.subarray(0, size))
    const id = await offer(path, `Größe "${size}" 'x'; a=b.bin`)
    const answer = await fetch(urlOf(id))
    expect(answer.status).toBe(200)
    expect(sha256(new Uint8Array(await answer.arrayBuffer())), String(size)).toBe(sha256(content.subarray(0, size)))
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-length': String(size),
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="Gr__e _${size}_ 'x'; a=b.bin"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22${size}%22%20%27x%27%3B%20a%3Db.bin`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect((await fetch(urlOf(id))).status).toBe(404)
    expect(await outcome(sessionId)).toBe('whole')
    // Neither who has the address nor who reads the log learns more.
    expect(relay.logText()).not.toContain(id)
    expect(relay.logText()).not.toContain(dir)
  }
})

test('what has no size comes whole as well', async () => {
  const { offer } = await openFiles(sshd)
  expect(await (await fetch(urlOf(await offer('/proc/version')))).text()).toMatch(/^Linux version .*\n$/)
})

test('A-API-02 what is no offer is not there, whatever it looks like, and asking uses nothing up', async () => {
  const { offer, sessionId } = await openFiles(sshd)
  await mkdir(join(dir, 'folder'))
  execFileSync('/usr/bin/mkfifo', [join(dir, 'pipe')])
  await writeFile(join(dir, 'file'), 'x')
  const id = await offer(join(dir, 'file'))
  const used = await offer(join(dir, 'file'))
  expect((await ask(relay.port, `/offer/${used}`)).body).toBe('x')
  const paths = [
    '',
    '/',
    '/x',
    `/${newId()}`,
    `/${used}`,
    `/${id.toUpperCase()}x`,
    `/${id.slice(1)}`,
    `/${id}0`,
    `/${id}/`,
    `/${id}/x`,
    `/${await offer(join(dir, 'folder'))}`,
    `/${await offer(join(dir, 'pipe'))}`,
    `/${await offer(join(dir, 'missing'))}`,
    `/${await offer('/dev/null')}`,
  ]
  const bodies = new Set<string>()
  for (const path of paths) {
    const answer = await ask(relay.port, `/offer${path}`)
    expect(answer.status, path).toBe(404)
    bodies.add(answer.body)
  }
  expect(bodies.size).toBe(1)
  for (const method of ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
    expect((await ask(relay.port, `/offer/${id}`, { method })).status, method).toBe(404)
  // Nor is it there for pages of an attacker's name (A-ORG-02).
  expect((await ask(relay.port, `/offer/${id}`, { headers: { Host: 'evil.example' } })).status).toBe(421)
  expect((await ask(relay.port, `/offer/${id}`)).body).toBe('x')

  for (const wrong of [
    '',
    'a/b',
    'a\\b',
    'a\r\nSet-Cookie: x=1',
    'a\0b',
    '\u202egpj.exe',
    'a\u2028b',
    '\udcff',
    'x'.repeat(256),
  ])
    await expect(offer(join(dir, 'file'), wrong), JSON.stringify(wrong)).rejects.toThrow('bad-request')
  for (const wrong of ['', 'x', newId().slice(1), newId().toUpperCase().replace(/^./, 'A'), `${newId()}\n`])
    await expect(offer(join(dir, 'file'), 'name', wrong), JSON.stringify(wrong)).rejects.toThrow('bad-request')
  const taken = await offer(join(dir, 'file'))
  await expect(offer(join(dir, 'file'), 'name', taken)).rejects.toThrow('bad-request')
  expect(sessionId).toBeDefined()
})

test('R-SES-02 nobody offers files of a session that is not his, and an offer ends with its session', async () => {
  const { offer, sessionId } = await openFiles(liar)
  const other = await Client.open(relay.url)
  const asked = { sessionId, id: newId(), path: '/file', name: 'name' }
  await expect(other.ask('sftp-offer', asked)).rejects.toThrow('no-session')
  await expect(other.ask('sftp-offer', { ...asked, sessionId: 'nothing' })).rejects.toThrow('no-session')
  other.close()
  const [first, second] = [await offer('/file'), await offer('/file')]
  expect((await fetch(urlOf(first))).status).toBe(200)
  await client.ask('sftp-disconnect', { sessionId })
  expect((await fetch(urlOf(second))).status).toBe(404)
  expect((await fetch(urlOf(asked.id))).status).toBe(404)
})

test('the oldest of too many offers goes', async () => {
  const { offer } = await openFiles(liar)
  const ids: string[] = []
  for (let count = 0; count < 17; count++) ids.push(await offer('/file'))
  expect((await fetch(urlOf(ids[0] as string))).status).toBe(404)
  for (const id of ids.slice(1)) expect((await fetch(urlOf(id))).status).toBe(200)
})

test('A-TOK-03 an offer is good for a while', async () => {
  const short = await startTestRelay({ limits: { offerMs: 50, offerWaitMs: 0 } })
  const there = await Client.open(short.url)
  const { offer } = await openFiles(liar, { as: there })
  const id = await offer('/file')
  await expect.poll(() => short.dispatch.sessions.offers.size).toBe(0)
  expect((await fetch(urlOf(id, short))).status).toBe(404)
  there.close()
  await short.close()
})

test('who fetches before the offer has arrived waits for it', async () => {
  const early = await startTestRelay({ limits: { offerWaitMs: 60_000 } })
  const there = await Client.open(early.url)
  const { offer } = await openFiles(liar, { as: there })
  const id = newId()
  const sent = get(urlOf(id, early))
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  // Which is answered after what was asked before it.
  await fetch(new URL('/healthz', early.url))
  await offer('/file', 'name', id)
  const [answer] = await answered
  expect(answer.statusCode).toBe(200)
  expect(Buffer.concat(await answer.toArray()).equals(content)).toBe(true)
  there.close()
  await early.close()
})

test.each([
  ['ends early', lies.earlyEof(2 * mebibyte), 'wrong-size'],
  ['grows meanwhile', lies.sizeChanges(3, content.length + 1), 'changed-meanwhile'],
  ['shrinks meanwhile', lies.sizeChanges(3, 100), 'wrong-size'],
])('S-XFR-02 a file that %s breaks the connection', async (_, lie, code) => {
  const { offer, sessionId } = await openFiles(liar)
  const before = left()
  liar.lie = lie
  const bytes = await broken(await begin(await offer('/file')))
  expect(bytes).toBeLessThan(content.length)
  expect(await outcome(sessionId)).toBe(code)
  await expect.poll(left).toBe(before)
})

test('S-XFR-02 short reads are read on', async () => {
  const { offer } = await openFiles(liar)
  liar.lie = lies.shortReads(20_000)
  const answer = await fetch(urlOf(await offer('/file')))
  expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256(content))
})

test('S-XFR-06 S-XFR-07 who takes nothing is waited for, and who goes leaves nothing open', async () => {
  liar.files.set('/large', Buffer.alloc(48 * mebibyte, 'large'))
  const { offer, sessionId } = await openFiles(liar)
  const before = left()
  const answer = await begin(await offer('/large'))
  const reads = () => liar.requests.filter((one) => one.type === type.read).length
  // It stands still once all buffers on the way are full: then there are as many reads as a while before.
  let last = -1
  await expect
    .poll(
      () => {
        const still = reads() === last
        last = reads()
        return still
      },
      { interval: 300, timeout: 20_000 },
    )
    .toBe(true)
  expect(relay.events.some((line) => line.event === 'download' && line.session === sessionId)).toBe(false)
  expect(left()).toBe(before + 1)
  answer.destroy()
  expect(await outcome(sessionId)).toBe('broken')
  await expect.poll(left).toBe(before)
  // The session is as good as before.
  const whole = await fetch(urlOf(await offer('/large')))
  expect((await whole.arrayBuffer()).byteLength).toBe(48 * mebibyte)
  liar.files.delete('/large')
})

test('S-XFR-06 a session that ends breaks its downloads, of which it has eight at once', async () => {
  liar.files.set('/large', Buffer.alloc(24 * mebibyte))
  const { offer, sessionId } = await openFiles(liar)
  const answers: IncomingMessage[] = []
  for (let count = 0; count < 8; count++) answers.push(await begin(await offer('/large')))
  expect((await fetch(urlOf(await offer('/large')))).status).toBe(404)
  expect(await outcome(sessionId)).toBe('too-many-requests')
  client.close()
  for (const answer of answers) expect(await broken(answer)).toBeLessThan(24 * mebibyte)
  liar.files.delete('/large')
})

test('who takes nothing for too long is let go', async () => {
  const short = await startTestRelay({ limits: { downloadStallMs: 300 } })
  const there = await Client.open(short.url)
  liar.files.set('/large', Buffer.alloc(48 * mebibyte))
  const { offer, sessionId } = await openFiles(liar, { as: there })
  const answer = await begin(await offer('/large'), short)
  expect(await outcome(sessionId, short)).toBe('broken')
  await broken(answer)
  liar.files.delete('/large')
  there.close()
  await short.close()
})

test('a relay that ends waits for a download, and not for ever', async () => {
  const ending = await startTestRelay({ limits: { drainTransfersMs: 500 } })
  const there = await Client.open(ending.url)
  liar.files.set('/large', Buffer.alloc(48 * mebibyte))
  const { offer } = await openFiles(liar, { as: there })
  const answer = await begin(await offer('/large'), ending)
  const drained = ending.drain()
  await there.next('relay-draining')
  // It is taken only now.
  expect(ending.dispatch.counts().sessions).toBe(1)
  await drained
  expect(await broken(answer)).toBeLessThan(48 * mebibyte)
  liar.files.delete('/large')
  there.close()
  await ending.close()
})

test('S-XFR-07 a file of 192 MiB goes through in constant memory', async () => {
  const path = join(dir, 'large')
  await writeFile(path, '')
  await truncate(path, 192 * mebibyte)
  const { offer } = await openFiles(sshd)
  const answer = await begin(await offer(path))
  const before = process.memoryUsage().rss
  let most = before
  let bytes = 0
  for await (const data of answer) {
    bytes += (data as Buffer).length
    most = Math.max(most, process.memoryUsage().rss)
  }
  expect(bytes).toBe(192 * mebibyte)
  expect(most - before).toBeLessThan(96 * mebibyte)
})
