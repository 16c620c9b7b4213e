import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AuditFile } from '../../relay/audit.ts'
import { UsageError } from '../../relay/config.ts'
import { Client } from '../harness/client.ts'
import { canaries, startTestRelay } from '../harness/relay.ts'
import { freePort, type Sshd, startSshd } from '../harness/sshd.ts'

let dir: string
let file: string
let count = 0
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-audit-'))
})
beforeEach(() => {
  file = join(dir, `audit-${++count}`)
})
afterAll(() => rm(dir, { recursive: true }))

const readLines = async (path = file) =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('the audit file', () => {
  let sshd: Sshd
  let hostPrint: string
  beforeAll(async () => {
    sshd = await startSshd()
    const printOf = (blob: Buffer) => `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
    hostPrint = printOf(Buffer.from(sshd.hostKey, 'base64'))
  })
  afterAll(() => sshd.close())
  const place = () => ({ host: sshd.host, port: sshd.port, username: sshd.username })

  test('R-LOG-01 has one line for each connect, whatever came of it, and it stands in the log as well', async () => {
    const relay = await startTestRelay({ auditFile: file }, { password: canaries.password })
    const client = await Client.open(relay.url, { auth: { token: relay.auth.issue() } })
    client.acknowledges = true
    const end = (sessionId: string) => client.next('ssh-disconnected', (one) => one.sessionId === sessionId)

    await client.ask('ssh-connect', { sessionId: 'by-password', ...place(), password: sshd.password })
    await client.ask('sftp-connect', { sessionId: 'files', session: 'by-password' })
    await client.ask('sftp-list', { sessionId: 'files', path: '/' })
    await client.ask('sftp-disconnect', { sessionId: 'files' })
    client.send('ssh-data', { sessionId: 'by-password', data: 'exit 0\n' })
    await end('by-password')
    const command = { command: 'head -c 1000 /dev/zero' }
    await client.ask('ssh-connect', { sessionId: 'by-key', ...place(), privateKey: sshd.privateKey, ...command })
    await end('by-key')
    for (const [sessionId, more] of [
      ['refused', { password: canaries.sshPassword }],
      ['nobody', { port: await freePort() }],
      ['denied', { host: '169.254.169.254' }],
      ['\u001b]0;x\u0007\u202e', { username: 'a"b\u001b[31m' }],
    ] as const)
      await client.ask('ssh-connect', { sessionId, ...place(), ...more }).catch(() => undefined)
    client.close()
    await relay.close()

    const text = await readFile(file, 'utf8')
    expect(text).not.toContain('\u001b')
    for (const secret of [sshd.password, canaries.sshPassword, 'PRIVATE KEY', 'exit 0'])
      expect(text).not.toContain(secret)
    const lines = await readLines()
    const common = { event: 'session-end', principal: 'owner', peer: '127.0.0.1', host: '127.0.0.1' }
    const open = { opened: true, reason: 'exit', address: '127.0.0.1', hostKey: hostPrint }
    expect(lines.map(({ session }) => session)).toHaveLength(7)
    const line = (session: string) => lines.find((one) => one.session === session)
    const user = sshd.username
    expect(line('by-password')).toMatchObject({
      ...common,
      ...open,
      kind: 'shell',
      port: sshd.port,
      username: user,
      method: 'password',
      ms: expect.any(Number),
    })
    expect(line('by-password')).not.toHaveProperty('key')
    expect(line('by-key')).toMatchObject({ ...common, ...open, method: 'publickey', bytesOut: 1000, bytesIn: 0 })
    expect(line('by-key')?.key).toMatch(/^SHA256:[\w+/]{43}$/)
    expect(line('files')).toMatchObject({ ...common, kind: 'sftp', shared: true, reason: 'closed', opened: true })
    expect(line('files')?.bytesOut).toBeGreaterThan(500)
    expect(line('files')?.bytesIn).toBeGreaterThan(50)
    expect(line('refused')).toMatchObject({ ...common, opened: false, reason: 'failure', code: 'login-refused' })
    expect(line('nobody')).toMatchObject({ ...common, code: 'no-ssh-server' })
    expect(line('denied')).toMatchObject({ host: '169.254.169.254', code: 'target-denied' })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const logged = relay.events.filter(({ event }) => event === 'session-end')
    expect(logged.map(({ session, code }) => [session, code])).toEqual(
      lines.map(({ session, code }) => [session, code]),
    )
  })

  test('R-SRF-04 names every hop of the way, also of one that was denied in the middle', async () => {
    const inner = await startSshd()
    const relay = await startTestRelay({ auditFile: file, deny: ['127.0.0.1:1'] })
    const client = await Client.open(relay.url)
    const login = { ...place(), password: sshd.password }
    const innerLogin = { ...login, port: inner.port }
    await client.ask('ssh-connect', { sessionId: 'through', ...innerLogin, jump: [login] })
    await client.ask('ssh-disconnect', { sessionId: 'through' })
    const stopped = { sessionId: 'stopped', ...login, port: 1, jump: [login] }
    await expect(client.ask('ssh-connect', stopped)).rejects.toThrow('target-denied')
    client.close()
    await relay.close()
    const [through, denied] = await readLines()
    expect(through).toMatchObject({
      port: inner.port,
      hostKey: expect.stringMatching(/^SHA256:/),
      method: 'password',
      jump: [{ ...place(), hostKey: hostPrint, method: 'password', address: '127.0.0.1' }],
    })
    expect(through?.hostKey).not.toBe(hostPrint)
    expect(denied).toMatchObject({ port: 1, code: 'target-denied', jump: [{ ...place(), hostKey: hostPrint }] })
    expect(denied).not.toHaveProperty('hostKey')
    await inner.close()
  })

  test('R-LOG-02 where it must be written and cannot be, nothing is opened; what is open goes on', async () => {
    const logins = () => sshd.log().match(/Accepted/g)?.length ?? 0
    const before = logins()
    const relay = await startTestRelay({ auditFile: '/dev/full', auditMust: true })
    const client = await Client.open(relay.url)
    const login = { ...place(), password: sshd.password }
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(client.ask('ssh-connect', { sessionId: 'new', ...login })).rejects.toMatchObject({
        failure: { code: 'not-recorded', retry: true },
      })
    expect(logins()).toBe(before)
    expect(relay.events.filter(({ event }) => event === 'audit-not-written')).toHaveLength(1)
    await client.ask('relay-ping', {})
    client.close()
    await relay.close()
    const lenient = await startTestRelay({ auditFile: '/dev/full' })
    const other = await Client.open(lenient.url)
    await other.ask('ssh-connect', { sessionId: 'new', ...login })
    other.close()
    await lenient.close()
  })

  test('where it must be written, what begins stands in it before anything is dialled', async () => {
    const relay = await startTestRelay({ auditFile: file, auditMust: true })
    const client = await Client.open(relay.url)
    await client.ask('ssh-connect', { sessionId: 'one', ...place(), password: sshd.password })
    await client.ask('sftp-connect', { sessionId: 'two', session: 'one' })
    client.close()
    await relay.close()
    expect((await readLines()).map(({ event, session, host }) => [event, session, host])).toEqual([
      ['session-begin', 'one', '127.0.0.1'],
      ['session-begin', 'two', '127.0.0.1'],
      ['session-end', 'one', '127.0.0.1'],
      ['session-end', 'two', '127.0.0.1'],
    ])
  })
})

describe('AuditFile', () => {
  const silent = () => undefined

  test('goes on in a new file after the old one was moved away', async () => {
    const audit = await AuditFile.open(file, false, silent)
    audit.write('first', {})
    await audit.reopen()
    await rename(file, `${file}.1`)
    audit.write('second', {})
    await audit.reopen()
    audit.write('third', {})
    await audit.close()
    expect((await readLines(`${file}.1`)).map(({ event }) => event)).toEqual(['first', 'second'])
    expect((await readLines()).map(({ event }) => event)).toEqual(['third'])
  })

  test('keeps what could not be written until it can be, and counts what was too much', async () => {
    const told: string[] = []
    await symlink('/dev/full', file)
    const audit = await AuditFile.open(file, false, (event) => told.push(event))
    const long = 'x'.repeat(4000)
    for (let line = 0; line < 300; line++) audit.write('kept', { line, long })
    await expect.poll(() => told).toEqual(['audit-not-written'])
    await rm(file)
    await audit.reopen()
    const [dropped, ...kept] = await readLines()
    expect(dropped).toMatchObject({ event: 'audit-dropped', lines: 300 - kept.length })
    expect(kept.length).toBeGreaterThan(200)
    expect(kept.map(({ line }) => line)).toEqual(kept.map((_, line) => line))
    await audit.close()
  })

  test('a file that cannot be opened is a mistake of whoever starts the relay', async () => {
    await expect(AuditFile.open(join(dir, 'no', 'such', 'file'), false, silent)).rejects.toThrow(UsageError)
    await expect(AuditFile.open(dir, false, silent)).rejects.toThrow(/^--audit-file cannot be opened: [^\n]+$/)
  })
})
