import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClientEvent, clientEventNames, clientEvents } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd
let relay: TestRelay

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay({ limits: { connectBurst: 5000, connectsPerSecond: 1000, pendingConnects: 1000 } })
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
})

const login = () => ({ host: sshd.host, port: sshd.port, username: sshd.username, password: sshd.password })

/** Fields of an event, by name. */
function fieldsOf(event: ClientEvent): string[] {
  const { payload } = clientEvents[event]
  const [whole] = 'options' in payload ? payload.options : [payload]
  return Object.keys(whole.entries)
}

/** A payload that an event takes, so that one field can be made wrong at a time. */
function goodPayload(event: ClientEvent): Record<string, unknown> {
  const sessionId = 'nobody'
  const all: Record<ClientEvent, Record<string, unknown>> = {
    'relay-ping': {},
    'ssh-connect': { sessionId, ...login(), cols: 80, rows: 24 },
    'ssh-data': { sessionId, data: 'x', offset: 0 },
    'ssh-ack': { sessionId, offset: 0 },
    'ssh-screen': { sessionId, offset: 0, data: '', cols: 80, rows: 24 },
    'ssh-resize': { sessionId, cols: 80, rows: 24 },
    'ssh-attach': { sessionId, offset: 0, signature: new Uint8Array(64) },
    'ssh-detach': { sessionId },
    'ssh-authorise': { sessionId, key: new Uint8Array(91), signature: new Uint8Array(64) },
    'session-list': {},
    'session-end': { sessionId },
    'ssh-answer': { sessionId, promptId: 'p', answer: { kind: 'cancel' } },
    'ssh-disconnect': { sessionId },
    'sftp-connect': { sessionId, ...login() },
    'sftp-list': { sessionId, path: '/' },
    'sftp-realpath': { sessionId, path: '/' },
    'sftp-stat': { sessionId, path: '/' },
    'sftp-lstat': { sessionId, path: '/' },
    'sftp-fstat': { sessionId, handle: 0 },
    'sftp-setstat': { sessionId, path: '/', attributes: { mode: 0o644 } },
    'sftp-fsetstat': { sessionId, handle: 0, attributes: { mode: 0o644 } },
    'sftp-open': { sessionId, path: '/', read: true },
    'sftp-read': { sessionId, handle: 0, offset: 0, length: 1 },
    'sftp-write': { sessionId, handle: 0, offset: 0, data: new Uint8Array(1) },
    'sftp-close': { sessionId, handle: 0 },
    'sftp-mkdir': { sessionId, path: '/' },
    'sftp-rmdir': { sessionId, path: '/' },
    'sftp-remove': { sessionId, path: '/' },
    'sftp-rename': { sessionId, from: '/a', to: '/b' },
    'sftp-readlink': { sessionId, path: '/' },
    'sftp-symlink': { sessionId, path: '/a', target: '/b' },
    'sftp-hardlink': { sessionId, from: '/a', to: '/b' },
    'sftp-statvfs': { sessionId, path: '/' },
    'sftp-fsync': { sessionId, handle: 0 },
    'sftp-copy': { sessionId, handle: 0, offset: 0, length: 1, to: { handle: 1, offset: 0 } },
    'sftp-put': { sessionId, path: '/a', data: new Uint8Array(1), existing: 'refuse' },
    'sftp-get': { sessionId, path: '/a' },
    'sftp-hash': { sessionId, path: '/a' },
    'sftp-offer': { sessionId, id: '0'.repeat(32), path: '/a', name: 'a' },
    'sftp-disconnect': { sessionId },
  }
  return all[event]
}

/** The requests on files, each of which names a session. */
const fileEvents = clientEventNames.filter((event) => clientEvents[event].rate === 'files')

const wrongValues: [string, unknown][] = [
  ['null', null],
  ['[]', []],
  ['{}', {}],
  ['-1', -1],
  ['0.5', 0.5],
  ['1e308', 1e308],
  ['2^53', 2 ** 53],
  ['true', true],
  ['a Buffer', Buffer.from('buffer')],
  ['1 MB of text', 'x'.repeat(1_000_000)],
  ['a lone surrogate', '\ud800'],
  ['NUL', 'a\0b'],
  ['nested', { a: { b: { c: [1, { d: {} }] } } }],
]

/** What each field takes although it is in the list of wrong values; everything else must be refused. */
const takes: Record<string, string[]> = {
  'ssh-data.data': ['a Buffer', 'a lone surrogate', 'NUL'],
  'ssh-resize.cols': ['-1', '0.5', '1e308', '2^53'],
  'ssh-resize.rows': ['-1', '0.5', '1e308', '2^53'],
  'ssh-screen.cols': ['-1', '0.5', '1e308', '2^53'],
  'ssh-screen.rows': ['-1', '0.5', '1e308', '2^53'],
  'ssh-connect.cols': ['-1', '0.5', '1e308', '2^53'],
  'ssh-connect.rows': ['-1', '0.5', '1e308', '2^53'],
  'ssh-connect.jump': ['[]'],
  'sftp-connect.jump': ['[]'],
  'ssh-connect.legacyAlgorithms': ['true'],
  'sftp-connect.legacyAlgorithms': ['true'],
  'ssh-connect.forwardAgent': ['true'],
  'ssh-connect.identities': ['[]'],
  'sftp-connect.identities': ['[]'],
  'ssh-connect.pty': ['true'],
  'ssh-connect.hostKeyAlgorithms': ['[]'],
  'sftp-connect.hostKeyAlgorithms': ['[]'],
  // An empty array has no entries either.
  'ssh-connect.env': ['{}', '[]'],
  'ssh-connect.interactive': ['true'],
  'sftp-connect.interactive': ['true'],
  'ssh-connect.binary': ['true'],
  'ssh-connect.resume': ['a Buffer'],
  'ssh-attach.signature': ['a Buffer'],
  'ssh-authorise.key': ['a Buffer'],
  'ssh-authorise.signature': ['a Buffer'],
  'sftp-list.stop': ['true'],
  // An empty array has no entries either.
  'sftp-setstat.attributes': ['{}', '[]'],
  'sftp-fsetstat.attributes': ['{}', '[]'],
  'sftp-setstat.follow': ['true'],
  'sftp-open.read': ['true'],
  'sftp-open.write': ['true'],
  'sftp-open.append': ['true'],
  'sftp-open.create': ['true'],
  'sftp-open.truncate': ['true'],
  'sftp-open.exclusive': ['true'],
  'sftp-rename.overwrite': ['true'],
  'sftp-put.fsync': ['true'],
  'sftp-write.data': ['a Buffer'],
  'sftp-put.data': ['a Buffer'],
}

test.each(clientEventNames.map((event) => [event]))(
  'R-VAL-02 %s: every wrong value in every field is refused by name',
  async (event) => {
    const client = await Client.open(relay.url)
    for (const field of fieldsOf(event)) {
      for (const [name, value] of wrongValues) {
        if (takes[`${event}.${field}`]?.includes(name)) continue
        await expect(
          client.ask(event, { ...goodPayload(event), [field]: value }),
          `${event}.${field} = ${name}`,
        ).rejects.toMatchObject({
          failure: { code: 'bad-request', message: expect.stringContaining(event) },
        })
      }
    }
    await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
    client.close()
  },
)

test.each(clientEventNames.map((event) => [event]))(
  'R-VAL-02 %s: no payload at all, a wrong one, too many arguments',
  async (event) => {
    const client = await Client.open(relay.url)
    const payloads: unknown[] = [null, undefined, 'text', 7, true, [], [[]], Buffer.from('x'), { sessionId: {} }]
    for (const payload of payloads) client.send(event, payload)
    client.send(event)
    client.send(event, goodPayload(event), goodPayload(event), 'more')
    if (event !== 'relay-ping') await expect(client.ask(event, null)).rejects.toThrow('bad-request')
    await client.ask('relay-ping', {})
    client.close()
  },
)

test('R-VAL-02 unknown keys are refused where the seed knows none; a connect ignores them', async () => {
  const client = await Client.open(relay.url)
  await expect(client.ask('ssh-resize', { sessionId: 'a', cols: 1, rows: 1, extra: 1 })).rejects.toThrow('bad-request')
  await expect(client.ask('relay-ping', { extra: 1 })).rejects.toThrow('bad-request')
  await client.ask('ssh-connect', { sessionId: 'extra', ...login(), extra: 1 })
  client.close()
})

test('R-VAL-03 what ssh2 would take from a client cannot reach it', async () => {
  const client = await Client.open(relay.url)
  await client.ask('ssh-connect', {
    sessionId: 'smuggled',
    ...login(),
    sock: { on: null },
    agent: '/tmp/agent.sock',
    debug: 'console.log',
    algorithms: { cipher: ['3des-cbc'], serverHostKey: ['ssh-dss'] },
    hostVerifier: true,
    localAddress: '10.9.9.9',
    authHandler: ['none'],
    readyTimeout: 1,
  })
  client.send('ssh-data', { sessionId: 'smuggled', data: 'echo still-"here"\n' })
  await client.shows('smuggled', 'still-here')
  expect(relay.logText()).not.toContain('3des')
  client.close()
})

test('R-VAL-04 nothing gets into a prototype', async () => {
  const client = await Client.open(relay.url)
  const poison = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as Record<
    string,
    unknown
  >
  for (const event of clientEventNames) {
    const payload = { ...goodPayload(event) }
    Object.defineProperty(payload, '__proto__', { value: { polluted: 1 }, enumerable: true })
    client.send(event, payload)
    client.send(event, { ...goodPayload(event), ...poison, env: poison, answer: poison, jump: [poison] })
    client.send(event, poison)
  }
  client.send('ssh-connect', { sessionId: '__proto__', ...login() })
  await client.next('ssh-connected', (one) => one.sessionId === '__proto__')
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  client.close()
})

test('R-VAL-05 sizes are cut to 1…500 whole cells, and a storm of them is thinned out', async () => {
  const client = await Client.open(relay.url)
  const sessionId = 'sizes'
  await client.ask('ssh-connect', { sessionId, ...login(), cols: 10_000, rows: -5 })
  client.send('ssh-data', { sessionId, data: 'stty size\n' })
  await client.shows(sessionId, '1 500')
  client.send('ssh-data', { sessionId, data: 'n=0; trap \'n=$((n+1))\' WINCH; echo trap-"set"\n' })
  await client.shows(sessionId, 'trap-set')
  for (let cols = 1; cols <= 2000; cols++) client.send('ssh-resize', { sessionId, cols, rows: 30.7 })
  await client.ask('ssh-resize', { sessionId, cols: 133, rows: 44 })
  await expect
    .poll(async () => {
      client.send('ssh-data', { sessionId, data: 'echo "now $(stty size) after $n"\n' })
      return /now 44 133 after \d+/.exec(client.output(sessionId))?.[0]
    })
    .toBeDefined()
  const seen = Number(/now 44 133 after (\d+)/.exec(client.output(sessionId))?.[1])
  expect(seen).toBeGreaterThan(0)
  expect(seen).toBeLessThan(200)
  for (const cols of [null, 'x', [], {}, true]) {
    await expect(client.ask('ssh-resize', { sessionId, cols, rows: 24 })).rejects.toThrow('bad-request')
  }
  client.close()
})

test('R-VAL-06 a frame over the limit closes the socket and nothing else', async () => {
  const big = await Client.open(relay.url)
  const other = await Client.open(relay.url)
  big.send('ssh-data', { sessionId: 'x', data: 'y'.repeat(1024 * 1024 + 1) })
  await new Promise<void>((resolve) => big.socket.once('disconnect', () => resolve()))
  await other.ask('relay-ping', {})
  other.close()
})

test('R-SES-01 R-SES-02 an unknown id and that of another socket are refused with the same words', async () => {
  const mine = await Client.open(relay.url)
  const stranger = await Client.open(relay.url)
  await mine.ask('ssh-connect', { sessionId: 'mine', ...login() })
  await mine.ask('sftp-connect', { sessionId: 'mine-files', ...login() })
  for (const event of [
    'ssh-data',
    'ssh-ack',
    'ssh-resize',
    'ssh-answer',
    'ssh-disconnect',
    'sftp-list',
    'sftp-disconnect',
    ...fileEvents,
  ] as const) {
    const sessionId = event.startsWith('sftp') ? 'mine-files' : 'mine'
    const failureOf = async (id: string) => {
      const { failure } = await stranger.ask(event, { ...goodPayload(event), sessionId: id }).then(
        () => expect.unreachable(event),
        (error) => error,
      )
      return { ...failure, sessionId: undefined }
    }
    expect(await failureOf(sessionId), event).toEqual(await failureOf('never-was'))
  }
  await expect(stranger.ask('sftp-connect', { sessionId: 'files', session: 'mine' })).rejects.toThrow('no-session')
  expect([...mine.heard('ssh-error'), ...mine.heard('sftp-error')]).toEqual([])
  mine.send('ssh-data', { sessionId: 'mine', data: 'echo un"disturbed"\n' })
  await mine.shows('mine', 'undisturbed')
  mine.close()
  stranger.close()
})

test('R-SES-03 of a hundred connects with one id exactly one makes a session; the id is free again afterwards', async () => {
  const client = await Client.open(relay.url)
  const all = await Promise.allSettled(
    Array.from({ length: 100 }, () => client.ask('ssh-connect', { sessionId: 'one', ...login() })),
  )
  expect(all.filter(({ status }) => status === 'fulfilled').length).toBe(1)
  for (const one of all) if (one.status === 'rejected') expect(String(one.reason)).toContain('session-exists')
  await client.ask('ssh-disconnect', { sessionId: 'one' })
  await client.ask('ssh-connect', { sessionId: 'one', ...login() })
  client.close()
})

test('R-SES-05 ids of one kind used for the other, events too early and too late', async () => {
  const client = await Client.open(relay.url)
  await client.ask('ssh-connect', { sessionId: 'shell', ...login() })
  await client.ask('sftp-connect', { sessionId: 'files', ...login() })
  await expect(client.ask('sftp-list', { sessionId: 'shell', path: '/' })).rejects.toThrow('no-session')
  await expect(client.ask('sftp-disconnect', { sessionId: 'shell' })).rejects.toThrow('no-session')
  for (const event of fileEvents)
    await expect(client.ask(event, { ...goodPayload(event), sessionId: 'shell' }), event).rejects.toThrow('no-session')
  await expect(client.ask('ssh-data', { sessionId: 'files', data: 'x' })).rejects.toThrow('no-session')
  await expect(client.ask('ssh-disconnect', { sessionId: 'files' })).rejects.toThrow('no-session')
  const early = client.ask('ssh-connect', { sessionId: 'early', ...login() })
  await expect(client.ask('ssh-data', { sessionId: 'early', data: 'x' })).rejects.toThrow('session-state')
  await expect(client.ask('ssh-resize', { sessionId: 'early', cols: 1, rows: 1 })).rejects.toThrow('session-state')
  await early
  await client.ask('ssh-disconnect', { sessionId: 'early' })
  await expect(client.ask('ssh-data', { sessionId: 'early', data: 'x' })).rejects.toThrow('no-session')
  client.close()
})

test('a connect that is given up in the middle leaves nothing behind', async () => {
  // Those of the clients of the tests before end when the relay hears that they have gone.
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(0)
  const client = await Client.open(relay.url)
  const connecting = client
    .ask('ssh-connect', { sessionId: 'given-up', ...login(), interactive: true })
    .catch((error: Error) => error.message)
  await client.next('ssh-prompt')
  client.send('ssh-disconnect', { sessionId: 'given-up' })
  expect(await connecting).toContain('no-session')
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  client.close()
})

test.each(clientEventNames.map((event) => [event]))(
  'N-ERR-01 %s: a handler that throws is logged, answered, and ends its session only',
  async (event) => {
    const broken = await startTestRelay(
      {},
      {
        handlers: {
          [event]: async () => {
            throw new TypeError('injected fault')
          },
        },
      },
    )
    const client = await Client.open(broken.url)
    const bystander = await Client.open(broken.url)
    if (event !== 'ssh-connect') {
      await bystander.ask('ssh-connect', { sessionId: 'bystander', ...login() })
      await client.ask('ssh-connect', { sessionId: 'nobody', ...login() })
    }
    const failure = await client.ask(event, goodPayload(event)).then(
      () => expect.unreachable(),
      (error) => error.failure,
    )
    expect(failure).toMatchObject({ code: 'internal', message: 'The relay made a mistake' })
    expect(JSON.stringify(failure)).not.toContain('injected')
    const bugs = broken.events.filter((line) => line.event === 'bug')
    expect(bugs).toHaveLength(1)
    expect(bugs[0]).toMatchObject({
      request: event,
      error: expect.stringContaining('injected fault'),
      stack: expect.any(String),
    })
    expect(broken.logText()).not.toContain(sshd.password)
    if (event !== 'ssh-connect') {
      const rest = event === 'relay-ping' || event === 'session-list' ? 2 : 1
      await expect.poll(() => broken.dispatch.counts().sessions).toBe(rest)
      if (event !== 'ssh-data') {
        bystander.send('ssh-data', { sessionId: 'bystander', data: 'echo still-"here"\n' })
        await bystander.shows('bystander', 'still-here')
      }
    }
    client.close()
    bystander.close()
    await broken.close()
  },
)
