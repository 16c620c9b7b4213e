import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Outflow } from '../../relay/outflow.ts'
import { Sftp } from '../../relay/sftp.ts'
import { decodeName } from '../../shared/fileName.ts'
import { bounds, type ClientPayload, type FileEvent, type Reply, type ServerPayload } from '../../shared/protocol.ts'
import { type TestHost, testHost } from '../harness/builtInHost.ts'
import { Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd
let host: TestHost
let relay: TestRelay
/** A directory of the test's own, that the account of the server may write to. */
let dir: string
const open: Client[] = []

beforeAll(async () => {
  sshd = await startSshd()
  host = await testHost()
  relay = await startTestRelay({ limits: { openFiles: 8 } })
})
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-files-')))
  await chmod(dir, 0o777)
})
afterEach(async () => {
  for (const client of open.splice(0)) client.close()
  // The next test has a session of the same name.
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(0)
  await rm(dir, { recursive: true, force: true })
})
afterAll(async () => {
  await relay.close()
  await host.close()
  await sshd.close()
})

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The files of a server, asked for as the app does. */
async function filesOf(server: 'OpenSSH' | 'the built-in host') {
  const client = await Client.open(relay.url)
  open.push(client)
  const sessionId = 'files'
  const login =
    server === 'OpenSSH'
      ? { host: sshd.host, port: sshd.port, username: sshd.username, password: sshd.password }
      : {
          host: host.host,
          port: host.port,
          username: host.username,
          privateKey: await readFile(host.identity, 'utf8'),
        }
  const connected = await client.ask<ServerPayload<'sftp-connected'>>('sftp-connect', { sessionId, ...login })
  const ask = <E extends FileEvent>(event: E, message: Omit<ClientPayload<E>, 'sessionId'>) =>
    client.ask<Reply<E>>(event, { ...message, sessionId })
  const codeOf = <E extends FileEvent>(event: E, message: Omit<ClientPayload<E>, 'sessionId'>) =>
    ask(event, message).then(
      () => 'fine',
      (error: { failure: { code: string } }) => error.failure.code,
    )
  const list = (path: string) =>
    client.ask<ServerPayload<'sftp-list-result'>>('sftp-list', { sessionId, path, page: 100 })
  return { client, sessionId, connected, login, ask, codeOf, list }
}

describe.each(['OpenSSH', 'the built-in host'] as const)('%s', (server) => {
  test('says where it begins, what it can do, and how much of it', async () => {
    const { connected } = await filesOf(server)
    expect(connected).toMatchObject({
      home: server === 'OpenSSH' ? sshd.home : await realpath(host.home),
      limits: { read: 261_120, write: 261_120, handles: 8 },
      by: 'subsystem',
    })
    for (const name of ['posix-rename', 'statvfs', 'hardlink', 'fsync', 'limits', 'lsetstat'])
      expect(connected.extensions).toContain(`${name}@openssh.com`)
    expect(connected.extensions).toContain('copy-data')
  })

  test('S-LST-02 names of every byte are listed, and can be asked for by what was listed', async () => {
    const { ask, list } = await filesOf(server)
    const names = Array.from({ length: 255 }, (_, at) => at + 1)
      .filter((byte) => byte !== 0x2f)
      .map((byte) => Buffer.from([0x61, byte, 0x62]))
    for (const name of names) await writeFile(Buffer.concat([Buffer.from(`${dir}/`), name]), name)
    const { files } = await list(dir).then(async (first) => {
      const all = [...first.files]
      let { cursor } = first
      while (cursor) {
        const next = await list2(cursor)
        all.push(...next.files)
        cursor = next.cursor
      }
      return { files: all }
      function list2(at: string) {
        return open[0]?.ask<ServerPayload<'sftp-list-result'>>('sftp-list', {
          sessionId: 'files',
          path: dir,
          page: 100,
          cursor: at,
        }) as Promise<ServerPayload<'sftp-list-result'>>
      }
    })
    expect(new Set(files.map(({ name }) => name))).toEqual(new Set(names.map((name) => decodeName(name))))
    for (const { name, path } of files) {
      const { data } = await ask('sftp-get', { path })
      expect(decodeName(data as Uint8Array)).toBe(name)
    }
    const latin = join(dir, 'caf\udce9')
    await ask('sftp-mkdir', { path: latin })
    await ask('sftp-rename', { from: latin, to: join(dir, '\udcff new\n') })
    expect(await readdir(dir, 'buffer')).toContainEqual(Buffer.from('\xff new\n', 'latin1'))
    expect((await ask('sftp-realpath', { path: join(dir, '\udcff new\n', '..', '\udcff new\n') })).path).toBe(
      join(dir, '\udcff new\n'),
    )
  })

  test('S-XFR-01 bytes of every size go up and down by offset, and are the same', async () => {
    const { ask } = await filesOf(server)
    for (const size of [0, 1, 32_767, 32_768, 32_769, 261_119, 261_120, 261_121, 1_048_576]) {
      const bytes = randomBytes(size)
      const path = join(dir, `of ${size}`)
      const { handle } = await ask('sftp-open', { path, read: true, write: true, create: true, exclusive: true })
      const parts = Array.from({ length: Math.ceil(size / 100_000) }, (_, part) => part * 100_000)
      await Promise.all(
        parts
          .toReversed()
          .map((offset) => ask('sftp-write', { handle, offset, data: bytes.subarray(offset, offset + 100_000) })),
      )
      await ask('sftp-fsync', { handle })
      expect((await ask('sftp-fstat', { handle })).attributes.size).toBe(size)
      const read: Uint8Array[] = []
      for (let offset = 0; ; ) {
        const { data, end } = await ask('sftp-read', { handle, offset, length: bounds.fileData })
        if (end) break
        read.push(data as Uint8Array)
        offset += data.byteLength
      }
      await ask('sftp-close', { handle })
      expect(sha256(Buffer.concat(read))).toBe(sha256(bytes))
      expect(sha256(await readFile(path))).toBe(sha256(bytes))
      expect((await ask('sftp-hash', { path })).sha256).toBe(sha256(bytes))
      expect((await ask('sftp-hash', { path, length: 30_000 })).sha256).toBe(sha256(bytes.subarray(0, 30_000)))
    }
  })

  test('the verbs do what they say', async () => {
    const { ask, list } = await filesOf(server)
    const at = (name: string) => join(dir, name)
    await ask('sftp-mkdir', { path: at('made'), mode: 0o700 })
    expect((await stat(at('made'))).mode & 0o777).toBe(0o700)
    await ask('sftp-put', {
      path: at('file'),
      data: Buffer.from('twelve bytes'),
      existing: 'refuse',
      mode: 0o640,
      mtime: 1e9,
    })
    expect(await stat(at('file'))).toMatchObject({ mode: 0o100640, size: 12, mtimeMs: 1e12 })
    await ask('sftp-setstat', { path: at('file'), attributes: { mode: 0o4755, atime: 5, mtime: 6 } })
    expect((await ask('sftp-stat', { path: at('file') })).attributes).toMatchObject({
      mode: 0o104755,
      atime: 5,
      mtime: 6,
    })
    await ask('sftp-symlink', { path: at('soft'), target: 'file' })
    expect(await readlink(at('soft'))).toBe('file')
    expect(await ask('sftp-readlink', { path: at('soft') })).toEqual({ target: 'file' })
    expect(((await ask('sftp-lstat', { path: at('soft') })).attributes.mode ?? 0) & 0o170000).toBe(0o120000)
    await ask('sftp-setstat', { path: at('soft'), attributes: { atime: 7, mtime: 8 }, follow: false })
    expect(await lstat(at('soft'))).toMatchObject({ mtimeMs: 8000 })
    expect(await stat(at('file'))).toMatchObject({ mtimeMs: 6000 })
    await ask('sftp-hardlink', { from: at('file'), to: at('hard') })
    expect((await stat(at('hard'))).ino).toBe((await stat(at('file'))).ino)
    await ask('sftp-rename', { from: at('hard'), to: at('made/moved') })
    await ask('sftp-put', { path: at('other'), data: Buffer.from('x'), existing: 'refuse' })
    await ask('sftp-rename', { from: at('other'), to: at('made/moved'), overwrite: true })
    expect(await readFile(at('made/moved'), 'utf8')).toBe('x')
    const { files } = await list(dir)
    expect(files.find(({ name }) => name === 'soft')).toMatchObject({ type: 'symlink', target: 'file' })
    expect(files.find(({ name }) => name === 'file')).toMatchObject({
      mode: 0o104755,
      uid: expect.any(Number),
      atime: expect.any(Number),
    })
    await ask('sftp-remove', { path: at('made/moved') })
    await ask('sftp-rmdir', { path: at('made') })
    expect((await readdir(dir)).sort()).toEqual(['file', 'soft'])
    const space = await ask('sftp-statvfs', { path: dir })
    expect(space).toMatchObject({ readOnly: false, nameMax: 255 })
    expect(space.total).toBeGreaterThan(space.available)
    const { handle } = await ask('sftp-open', { path: at('file'), write: true, append: true })
    await ask('sftp-write', { handle, offset: 0, data: Buffer.from(', and more') })
    await ask('sftp-fsetstat', { handle, attributes: { mode: 0o600 } })
    await ask('sftp-close', { handle })
    expect(await readFile(at('file'), 'utf8')).toBe('twelve bytes, and more')
  })

  test('what cannot be done says why', async () => {
    const { ask, codeOf } = await filesOf(server)
    const at = (name: string) => join(dir, name)
    await mkdir(at('full/deep'), { recursive: true })
    await chmod(at('full'), 0o777)
    await writeFile(at('file'), 'x')
    expect(await codeOf('sftp-stat', { path: at('missing') })).toBe('no-such-file')
    expect(await codeOf('sftp-open', { path: at('missing'), read: true })).toBe('no-such-file')
    expect(await codeOf('sftp-mkdir', { path: at('file') })).toBe('file-exists')
    expect(await codeOf('sftp-rmdir', { path: at('full') })).toBe('not-empty')
    expect(await codeOf('sftp-open', { path: at('file'), write: true, create: true, exclusive: true })).toBe(
      'file-exists',
    )
    expect(await codeOf('sftp-rename', { from: at('file'), to: at('full') })).toBe('file-exists')
    expect(await codeOf('sftp-symlink', { path: at('file'), target: 'x' })).toBe('file-exists')
    expect(await codeOf('sftp-hardlink', { from: at('file'), to: at('full') })).toBe('file-exists')
    expect(await codeOf('sftp-put', { path: at('file'), data: Buffer.from('y'), existing: 'refuse' })).toBe(
      'file-exists',
    )
    expect(await codeOf('sftp-put', { path: at('full'), data: Buffer.from('y'), existing: 'replace' })).toBe(
      'file-exists',
    )
    expect(await codeOf('sftp-put', { path: at('no/where'), data: Buffer.from('y'), existing: 'replace' })).toBe(
      'no-such-file',
    )
    expect(await codeOf('sftp-readlink', { path: at('file') })).toBe('sftp-failure')
    expect(await codeOf('sftp-hash', { path: at('missing') })).toBe('no-such-file')
    expect(await codeOf('sftp-hash', { path: at('full') })).toBe('sftp-unsupported')
    expect(await codeOf('sftp-statvfs', { path: at('missing') })).toBe('no-such-file')
    await truncate(at('file'), bounds.fileData + 1)
    expect(await codeOf('sftp-get', { path: at('file') })).toBe('too-large')
    expect(await readdir(dir)).toEqual(['file', 'full'])
    for (const event of ['sftp-fstat', 'sftp-close', 'sftp-fsync'] as const)
      expect(await codeOf(event, { handle: 12 })).toBe('no-handle')
    const { handle } = await ask('sftp-open', { path: at('file'), read: true })
    await ask('sftp-close', { handle })
    expect(await codeOf('sftp-read', { handle, offset: 0, length: 1 })).toBe('no-handle')
  })

  test('a small file is put in one piece: mode, owner and what is behind a link stay', async () => {
    const { ask, codeOf } = await filesOf(server)
    const at = (name: string) => join(dir, name)
    await ask('sftp-put', { path: at('plain'), data: Buffer.from('old'), existing: 'refuse', mode: 0o604 })
    await mkdir(at('elsewhere'))
    await chmod(at('elsewhere'), 0o777)
    await ask('sftp-rename', { from: at('plain'), to: at('elsewhere/plain') })
    await symlink('elsewhere/plain', at('link'))
    const data = randomBytes(bounds.fileData)
    const { attributes } = await ask('sftp-put', { path: at('link'), data, existing: 'replace', fsync: true })
    expect(attributes).toMatchObject({ size: data.length, mode: 0o100604 })
    expect((await lstat(at('link'))).isSymbolicLink()).toBe(true)
    expect(sha256(await readFile(at('elsewhere/plain')))).toBe(sha256(data))
    expect(sha256((await ask('sftp-get', { path: at('link') })).data as Uint8Array)).toBe(sha256(data))
    const long = 'ü'.repeat(127)
    await ask('sftp-put', { path: at(long), data: Buffer.alloc(0), existing: 'replace' })
    expect((await ask('sftp-get', { path: at(long) })).data.byteLength).toBe(0)
    expect((await readdir(dir)).sort()).toEqual(['elsewhere', 'link', long].sort())
    expect(await readdir(at('elsewhere'))).toEqual(['plain'])
    expect(await codeOf('sftp-get', { path: '/proc/self/status' })).toBe('fine')
  })

  test('bytes are copied on the server, and between sessions without the browser', async () => {
    const { client, ask, login } = await filesOf(server)
    const at = (name: string) => join(dir, name)
    const bytes = randomBytes(3_000_000)
    await writeFile(at('from'), bytes)
    await client.ask('sftp-connect', { sessionId: 'other', ...login })
    const { handle } = await ask('sftp-open', { path: at('from'), read: true })
    const flags = { write: true, create: true }
    for (const sessionId of ['files', 'other']) {
      const path = at(`to ${sessionId}`)
      const to = await client.ask<Reply<'sftp-open'>>('sftp-open', { sessionId, path, ...flags })
      const copy = { handle, offset: 1000, length: 5_000_000, to: { sessionId, handle: to.handle, offset: 7 } }
      expect(await ask('sftp-copy', copy)).toEqual({ copied: 2_999_000 })
      await client.ask('sftp-close', { sessionId, handle: to.handle })
      expect(sha256((await readFile(path)).subarray(7))).toBe(sha256(bytes.subarray(1000)))
    }
    const beyond = { handle, offset: 3_000_000, length: 10, to: { handle, offset: 0 } }
    expect(await ask('sftp-copy', beyond)).toEqual({ copied: 0 })
    const nobody = { handle, offset: 0, length: 1, to: { sessionId: 'nobody', handle, offset: 0 } }
    await expect(ask('sftp-copy', nobody)).rejects.toThrow('no-session')
  })
})

test('open files are bounded, free again when closed, and closed with the session', async () => {
  const { client, ask, codeOf, login } = await filesOf('OpenSSH')
  const path = join(dir, 'file')
  await writeFile(path, 'x')
  const openOne = () => ask('sftp-open', { path, read: true })
  const handles = await Promise.all(Array.from({ length: 8 }, openOne))
  expect(await codeOf('sftp-open', { path, read: true })).toBe('too-many-handles')
  await ask('sftp-close', { handle: handles[0]?.handle ?? 0 })
  await openOne()
  const held = () => execFileSync('sh', ['-c', 'ls -l /proc/[0-9]*/fd 2>/dev/null || true']).toString().includes(path)
  expect(held()).toBe(true)
  await client.ask('sftp-disconnect', { sessionId: 'files' })
  await expect.poll(held, { timeout: 10_000 }).toBe(false)
  await client.ask('sftp-connect', { sessionId: 'files', ...login })
  expect(await codeOf('sftp-read', { handle: handles[1]?.handle ?? 0, offset: 0, length: 1 })).toBe('no-handle')
})

test('requests on their way are bounded by number and by bytes', async () => {
  const { client, ask } = await filesOf('OpenSSH')
  await writeFile(join(dir, 'file'), Buffer.alloc(300_000))
  await chmod(join(dir, 'file'), 0o666)
  const { handle } = await ask('sftp-open', { path: join(dir, 'file'), read: true, write: true })
  const outcomes = async (asked: Promise<unknown>[]) => {
    const all = await Promise.allSettled(asked)
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
    for (const reason of refused) expect(reason).toContain('too-many-requests')
    return all.length - refused.length
  }
  expect(await outcomes(Array.from({ length: 70 }, () => ask('sftp-stat', { path: dir })))).toBeLessThan(70)
  expect(await outcomes(Array.from({ length: 64 }, () => ask('sftp-stat', { path: dir })))).toBe(64)
  const read = { handle, offset: 0, length: bounds.fileData }
  const fit = Math.floor(bounds.fileBytes / bounds.fileData)
  expect(await outcomes(Array.from({ length: fit }, () => ask('sftp-read', read)))).toBe(fit)
  expect(await outcomes(Array.from({ length: fit + 20 }, () => ask('sftp-read', read)))).toBeLessThan(fit + 20)
  await ask('sftp-stat', { path: dir })
  // What is answered in the acknowledgement needs one.
  client.send('sftp-stat', { sessionId: 'files', path: dir })
  expect(await client.next('sftp-error', ({ code }) => code === 'bad-request')).toMatchObject({ sessionId: 'files' })
})

test('S-XFR-07 for a client that does not read, nothing more is read', async () => {
  const { client, ask } = await filesOf('OpenSSH')
  await writeFile(join(dir, 'file'), 'content')
  const { handle } = await ask('sftp-open', { path: join(dir, 'file'), read: true })
  const session = [...relay.dispatch.sessions.all].find(({ id }) => id === 'files')
  if (!(session instanceof Sftp) || !session.peer) throw new Error('no session')
  Outflow.of(session.peer).add(4 * 1024 * 1024)
  const reading = ask('sftp-read', { handle, offset: 0, length: 100 })
  await expect.poll(() => session.busy).toBe(true)
  expect(session.client.pending).toBe(0)
  // What is answered now has left the socket, and all before it.
  await client.ask('relay-ping', {})
  expect(Buffer.from((await reading).data as Uint8Array).toString()).toBe('content')
})

test('a hash that nobody waits for any more is not computed on', async () => {
  const { client, ask } = await filesOf('OpenSSH')
  await writeFile(join(dir, 'large'), '')
  await truncate(join(dir, 'large'), 2 ** 40)
  const running = async () => {
    const inputs = (await readdir('/proc')).map((pid) => readlink(`/proc/${pid}/fd/0`).catch(() => ''))
    return (await Promise.all(inputs)).includes(join(dir, 'large'))
  }
  const hashing = expect(ask('sftp-hash', { path: join(dir, 'large') })).rejects.toThrow('no-session')
  await expect.poll(running, { timeout: 10_000 }).toBe(true)
  await client.ask('sftp-disconnect', { sessionId: 'files' })
  await hashing
  await expect.poll(running, { timeout: 10_000 }).toBe(false)
})

test('the hash of an account for files only is not to be had', async () => {
  const only = await startSshd(['ForceCommand internal-sftp'])
  const client = await Client.open(relay.url)
  open.push(client)
  const { host: at, port, username, password } = only
  await client.ask('sftp-connect', { sessionId: 'files', host: at, port, username, password })
  await writeFile(join(dir, 'file'), 'x')
  await link(join(dir, 'file'), join(dir, 'second'))
  await expect(client.ask('sftp-hash', { sessionId: 'files', path: join(dir, 'file') })).rejects.toThrow(
    'sftp-unsupported',
  )
  await client.ask('sftp-stat', { sessionId: 'files', path: join(dir, 'second') })
  await only.close()
})
