import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'
import { type Webssh2Client, Webssh2Clients } from '../../harness/webssh2.ts'

let sshd: Sshd
let relay: TestRelay
let dir: string
const clients = new Webssh2Clients()

beforeAll(async () => {
  ;[sshd, relay] = await Promise.all([startSshd(), startTestRelay({ webssh2: true })])
  dir = join(sshd.home, `webssh2-${process.pid}`)
  await mkdir(dir)
  const home = await stat(sshd.home)
  await chown(dir, home.uid, home.gid)
})
afterEach(async () => {
  clients.close()
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
})
afterAll(async () => {
  await Promise.all([relay.close(), sshd.close()])
  await rm(dir, { recursive: true, force: true })
})

async function loggedIn(options: object = {}): Promise<Webssh2Client> {
  const one = await clients.open(relay.url, options)
  await one.shell(sshd)
  return one
}

/** Sends the parts of a file as the page does, each when the one before is acknowledged. */
async function send(one: Webssh2Client, content: Buffer, asked: object): Promise<string> {
  one.send('sftp-upload-start', { fileName: 'x', fileSize: content.length, ...asked })
  const { transferId, chunkSize } = await one.next('sftp-upload-ready')
  for (let at = 0, chunkIndex = 0; at < content.length; at += chunkSize, chunkIndex += 1) {
    const data = content.subarray(at, at + chunkSize).toString('base64')
    one.send('sftp-upload-chunk', { transferId, chunkIndex, data, isLast: at + chunkSize >= content.length })
    await one.next('sftp-upload-ack', (ack) => ack.chunkIndex === chunkIndex)
  }
  return transferId
}

const partsLeft = async () => (await readdir(dir)).filter((name) => name.endsWith('.part'))

test.each([4, 2] as const)(
  'list, stat, make, up, down, take away with what is in it (WEBSSH2 8.15), by Socket.IO %i',
  async (version) => {
    const one = await clients.open(relay.url, {}, version)
    one.send('sftp-list', { path: '~' })
    expect(await one.next('sftp-error')).toMatchObject({ code: 'SFTP_NO_CONNECTION' })
    await one.shell(sshd)
    const path = `${dir}/made-${version}`
    one.send('sftp-mkdir', { path })
    expect(await one.next('sftp-operation-result')).toMatchObject({ success: true, path })
    const content = randomBytes(300_000)
    const upload = { remotePath: `${path}/a.bin`, fileName: 'a.bin', fileSize: content.length }
    const transferId = await send(one, content, upload)
    expect(await one.next('sftp-complete')).toMatchObject({ transferId, direction: 'upload', fileName: 'a.bin' })
    one.send('sftp-upload-start', upload)
    expect(await one.next('sftp-error')).toMatchObject({ code: 'SFTP_ALREADY_EXISTS', operation: 'upload' })
    one.send('sftp-upload-start', { ...upload, remotePath: `${path}/.empty`, fileSize: 0 })
    await one.next('sftp-complete')
    one.send('sftp-list', { path })
    const shown = await one.next('sftp-directory')
    expect(shown.path).toBe(path)
    const file = { name: 'a.bin', type: 'file', size: 300_000, permissionsOctal: '0644', isHidden: false }
    expect(shown.entries).toEqual([expect.objectContaining(file)])
    one.send('sftp-list', { path, showHidden: true })
    expect((await one.next('sftp-directory')).entries).toHaveLength(2)
    one.send('sftp-stat', { path: `${path}/a.bin` })
    expect((await one.next('sftp-stat-result')).entry).toMatchObject({ size: 300_000, accessedAt: expect.any(String) })
    one.send('sftp-download-start', { remotePath: `${path}/a.bin` })
    expect(await one.next('sftp-download-ready')).toMatchObject({ fileName: 'a.bin', fileSize: 300_000 })
    await one.next('sftp-complete', ({ direction }) => direction === 'download')
    const chunks = one.seen.filter(({ event }) => event === 'sftp-download-chunk').map(({ payload }) => payload)
    const bytes = (chunks as { data: Buffer; chunkIndex: number }[])
      .sort((a, b) => a.chunkIndex - b.chunkIndex)
      .map(({ data }) => Buffer.from(data))
    expect(Buffer.concat(bytes).equals(content)).toBe(true)
    one.send('sftp-delete', { path })
    expect(await one.next('sftp-error')).toMatchObject({ operation: 'delete', path })
    one.send('sftp-delete', { path, recursive: true })
    await one.next('sftp-operation-result', ({ operation }) => operation === 'delete')
    one.send('sftp-stat', { path })
    expect(await one.next('sftp-error')).toMatchObject({ code: 'SFTP_NOT_FOUND', operation: 'stat' })
  },
)

test('an upload replaces a file when it is whole, keeps its permissions, and is told of on its way', async () => {
  const one = await loggedIn()
  const file = join(dir, 'kept')
  const link = join(dir, 'link')
  await writeFile(file, 'the old one')
  await chmod(file, 0o666)
  await symlink('kept', link)
  const content = randomBytes(200_000)
  one.send('sftp-upload-start', { remotePath: link, fileName: 'kept', fileSize: content.length, overwrite: true })
  const { transferId, chunkSize } = await one.next('sftp-upload-ready')
  const part = (chunkIndex: number) => {
    const data = content.subarray(chunkIndex * chunkSize, (chunkIndex + 1) * chunkSize).toString('base64')
    one.send('sftp-upload-chunk', { transferId, chunkIndex, data, isLast: (chunkIndex + 1) * chunkSize >= 200_000 })
  }
  part(0)
  await one.next('sftp-upload-ack')
  expect(await readFile(file, 'utf8')).toBe('the old one')
  expect(await partsLeft()).toHaveLength(1)
  // Longer than what passes between two words about the progress.
  one.send('exec', { command: 'sleep 0.4' })
  await one.next('exec-exit')
  for (let index = 1; index * chunkSize < content.length; index += 1) part(index)
  expect(await one.next('sftp-progress')).toMatchObject({
    transferId,
    direction: 'upload',
    totalBytes: 200_000,
    bytesTransferred: 2 * chunkSize,
    percentComplete: Math.round((200 * chunkSize) / 200_000),
    bytesPerSecond: expect.any(Number),
    estimatedSecondsRemaining: expect.any(Number),
  })
  expect(await one.next('sftp-complete')).toMatchObject({ transferId, bytesTransferred: 200_000 })
  expect((await readFile(link)).equals(content)).toBe(true)
  expect((await stat(file)).mode & 0o777).toBe(0o666)
  expect(await partsLeft()).toEqual([])
})

test('a cut, a cancel and parts that do not fit leave the old file as it was, and nothing beside it', async () => {
  const file = join(dir, 'old')
  await writeFile(file, 'still here')
  const start = { remotePath: file, fileName: 'old', fileSize: 100_000, overwrite: true }
  const half = Buffer.alloc(40_000, 'new').toString('base64')
  const begun = async () => {
    const one = await loggedIn()
    one.send('sftp-upload-start', start)
    const { transferId } = await one.next('sftp-upload-ready')
    one.send('sftp-upload-chunk', { transferId, chunkIndex: 0, data: half })
    await one.next('sftp-upload-ack')
    expect(await partsLeft()).toHaveLength(1)
    return { one, transferId }
  }
  const cut = await begun()
  cut.one.close()
  await expect.poll(partsLeft).toEqual([])

  const { one, transferId } = await begun()
  one.send('sftp-upload-cancel', { transferId })
  one.send('sftp-upload-chunk', { transferId, chunkIndex: 1, data: half, isLast: true })
  await one.next('sftp-error')
  await expect.poll(partsLeft).toEqual([])

  const wrong = await begun()
  wrong.one.send('sftp-upload-chunk', { transferId: wrong.transferId, chunkIndex: 2, data: half })
  expect(await wrong.one.next('sftp-error')).toMatchObject({ transferId: wrong.transferId, operation: 'upload' })
  await expect.poll(partsLeft).toEqual([])

  const short = await begun()
  short.one.send('sftp-upload-chunk', { transferId: short.transferId, chunkIndex: 1, data: half, isLast: true })
  expect(await short.one.next('sftp-error')).toMatchObject({ transferId: short.transferId })
  await expect.poll(partsLeft).toEqual([])
  expect(await readFile(file, 'utf8')).toBe('still here')
})

test('a server that cannot replace a file in one step is served as well', async () => {
  const plain = await startSshd(['Subsystem sftp internal-sftp -P posix-rename'])
  try {
    const one = await clients.open(relay.url)
    await one.shell(plain)
    const remotePath = join(dir, 'plain')
    for (const text of ['one', 'another']) {
      await send(one, Buffer.from(text), { remotePath, overwrite: true })
      await one.next('sftp-complete')
      expect(await readFile(remotePath, 'utf8')).toBe(text)
    }
    expect(await partsLeft()).toEqual([])
    clients.close()
  } finally {
    await plain.close()
  }
})

test('a client that leaves while its upload begins leaves nothing behind, and has no more transfers than its share', async () => {
  const hasty = await loggedIn()
  hasty.send('sftp-list', { path: dir })
  await hasty.next('sftp-directory')
  for (let index = 0; index < 12; index += 1)
    hasty.send('sftp-upload-start', { remotePath: join(dir, `many-${index}`), fileName: 'x', fileSize: 9 })
  for (let index = 0; index < 4; index += 1)
    expect(await hasty.next('sftp-error')).toMatchObject({ code: 'SFTP_MAX_TRANSFERS' })
  for (let index = 0; index < 8; index += 1) await hasty.next('sftp-upload-ready')
  expect(await partsLeft()).toHaveLength(8)
  hasty.close()
  await expect.poll(partsLeft).toEqual([])
  const other = await loggedIn()
  other.send('sftp-list', { path: dir })
  await other.next('sftp-directory')
  other.send('sftp-upload-start', { remotePath: join(dir, 'left'), fileName: 'x', fileSize: 9 })
  other.close()
  await expect.poll(partsLeft).toEqual([])
})

test('what comes to the place meanwhile is not overwritten, and nothing but a plain file is', async () => {
  const one = await loggedIn()
  const remotePath = join(dir, 'race')
  one.send('sftp-upload-start', { remotePath, fileName: 'race', fileSize: 3 })
  const { transferId } = await one.next('sftp-upload-ready')
  await writeFile(remotePath, 'first')
  one.send('sftp-upload-chunk', {
    transferId,
    chunkIndex: 0,
    data: Buffer.from('abc').toString('base64'),
    isLast: true,
  })
  expect(await one.next('sftp-error')).toMatchObject({ code: 'SFTP_ALREADY_EXISTS', transferId })
  expect(await readFile(remotePath, 'utf8')).toBe('first')
  one.send('sftp-upload-start', { remotePath: dir, fileName: 'x', fileSize: 3, overwrite: true })
  expect(await one.next('sftp-error')).toMatchObject({ code: 'SFTP_SESSION_ERROR', path: dir })
  await expect.poll(partsLeft).toEqual([])
})

test('a download to a client that stalls waits, in bounded memory, and goes on whole', async () => {
  const size = 40 * 1024 * 1024
  const content = Buffer.alloc(size, randomBytes(4099))
  const remotePath = join(dir, 'big')
  await writeFile(remotePath, content)
  const one = await loggedIn({ transports: ['polling'] })
  const parts: Buffer[] = []
  one.socket.off('sftp-download-chunk')
  one.socket.on('sftp-download-chunk', ({ data }: { data: Buffer }) => parts.push(Buffer.from(data)))
  const stalling = one.stall()
  one.send('sftp-download-start', { remotePath })
  const first = await one.next('sftp-download-ready')
  const goOn = await stalling
  const before = process.memoryUsage().rss
  const other = await loggedIn()
  other.send('exec', { command: 'sleep 0.6' })
  await other.next('exec-exit')
  expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 * 1024)
  goOn()
  expect(await one.next('sftp-progress')).toMatchObject({ direction: 'download', totalBytes: size })
  expect(await one.next('sftp-complete')).toMatchObject({ direction: 'download', bytesTransferred: size })
  const digest = (data: Buffer[]) => data.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex')
  expect(digest(parts)).toBe(digest([content]))

  // One that is cancelled ends at once, and without a word.
  one.send('sftp-download-start', { remotePath })
  const { transferId } = await one.next('sftp-download-ready', (ready) => ready.transferId !== first.transferId)
  const had = parts.length
  one.send('sftp-download-cancel', { transferId })
  one.send('sftp-stat', { path: remotePath })
  await one.next('sftp-stat-result')
  one.send('exec', { command: 'true' })
  await one.next('exec-exit')
  expect(one.names.filter((name) => name === 'sftp-complete')).toHaveLength(1)
  const bytes = parts.slice(had).reduce((sum, part) => sum + part.length, 0)
  expect(bytes).toBeLessThan(size)
  await rm(remotePath)
}, 60_000)
