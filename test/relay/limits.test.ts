import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { untilUniform } from '../../relay/connection.ts'
import { attachKey, Client, type Refused } from '../harness/client.ts'
import { startTestRelay } from '../harness/relay.ts'
import { freePort, type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.close())

const login = () => ({ host: sshd.host, port: sshd.port, username: sshd.username, password: sshd.password })

/** A server on loopback that does with each connection what it is told. */
async function listen(onConnection: Parameters<typeof createServer>[1]): Promise<{ port: number; server: Server }> {
  const server = createServer(onConnection)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { server, port: typeof address === 'object' && address ? address.port : 0 }
}

test('R-LIM-01 sessions of a login, and pending connects are bounded and freed', async () => {
  const silent = await listen(() => undefined)
  const relay = await startTestRelay({
    limits: { sessionsPerPrincipal: 3, pendingConnects: 2, identMs: 60_000 },
  })
  const client = await Client.open(relay.url)
  for (const id of ['a', 'b', 'c']) await client.ask('ssh-connect', { sessionId: id, ...login() })
  await expect(client.ask('ssh-connect', { sessionId: 'd', ...login() })).rejects.toThrow('too-many-sessions')
  await client.ask('ssh-disconnect', { sessionId: 'a' })
  await client.ask('ssh-disconnect', { sessionId: 'b' })
  const hanging = { ...login(), port: silent.port }
  for (const id of ['e', 'f']) client.ask('ssh-connect', { sessionId: id, ...hanging }).catch(() => undefined)
  await expect(client.ask('ssh-connect', { sessionId: 'g', ...hanging })).rejects.toThrow(/too-many/)
  await client.ask('ssh-disconnect', { sessionId: 'e' })
  await client.ask('ssh-disconnect', { sessionId: 'f' })
  await client.ask('ssh-disconnect', { sessionId: 'c' })
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  client.close()
  await relay.close()
  silent.server.close()
})

test('R-LIM-01 sessions in all are bounded, whoever they belong to', async () => {
  const relay = await startTestRelay({ limits: { sessions: 1 } })
  const client = await Client.open(relay.url)
  await client.ask('ssh-connect', { sessionId: 'only', ...login() })
  await expect(client.ask('ssh-connect', { sessionId: 'other', ...login() })).rejects.toThrow('too-many-sessions')
  await expect(client.ask('sftp-connect', { sessionId: 'files', session: 'only' })).rejects.toThrow('too-many-sessions')
  await client.ask('ssh-disconnect', { sessionId: 'only' })
  await client.ask('ssh-connect', { sessionId: 'other', ...login() })
  client.close()
  await relay.close()
})

test('R-RTE-02 connects in a burst, then only so many a second', async () => {
  const relay = await startTestRelay({ limits: { connectBurst: 3, connectsPerSecond: 1 } })
  const client = await Client.open(relay.url)
  let refused: unknown
  for (let attempt = 0; attempt < 200 && !refused; attempt++) {
    await client
      .ask('ssh-connect', { sessionId: `${attempt}`, ...login(), privateKey: 'not a key' })
      .catch((error: Refused) => {
        if (error.failure.code === 'too-many-requests') refused = attempt
      })
  }
  expect(refused).toBeGreaterThanOrEqual(3)
  client.close()
  await relay.close()
})

test('R-LIM-01 logs in total: the longest detached session ends, the rest live', async () => {
  const relay = await startTestRelay({ limits: { log: 1024 * 1024, logTotal: 1024 * 1024 + 300_000 } })
  const ids = ['oldest', 'younger']
  for (const sessionId of ids) {
    const client = await Client.open(relay.url)
    client.acknowledges = true
    await client.ask('ssh-connect', { sessionId, ...login(), binary: true, resume: attachKey().resume })
    client.send('ssh-data', { sessionId, data: 'stty -echo; seq 1 200000; echo at-the-"end"\n' })
    await client.shows(sessionId, 'at-the-end')
    client.close()
    await expect.poll(() => relay.events.filter(({ event }) => event === 'socket-close').length).toBeGreaterThan(0)
  }
  await expect
    .poll(
      () => relay.events.filter(({ event }) => event === 'session-end').map(({ session, reason }) => [session, reason]),
      { timeout: 5000 },
    )
    .toEqual([['oldest', 'evicted']])
  await relay.close()
})

test('the grace ends a session that nobody comes back for', async () => {
  const relay = await startTestRelay({ limits: { graceMs: 200 } })
  const client = await Client.open(relay.url)
  await client.ask('ssh-connect', { sessionId: 'left', ...login(), binary: true, resume: attachKey().resume })
  client.close()
  await expect
    .poll(() => relay.events.find(({ event }) => event === 'session-end'))
    .toMatchObject({ session: 'left', reason: 'expired' })
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(0)
  await relay.close()
})

test('R-RTE-01 a flood of events ends its socket and no other', async () => {
  const relay = await startTestRelay({ limits: { eventsPerSecond: 100, eventBurst: 300 } })
  const flood = await Client.open(relay.url)
  const other = await Client.open(relay.url)
  for (let count = 0; count < 2000; count++) flood.send('relay-ping', {})
  await new Promise<void>((resolve) => flood.socket.once('disconnect', () => resolve()))
  expect(flood.heard('ssh-error').at(-1)).toMatchObject({ code: 'too-many-requests' })
  await other.ask('relay-ping', {})
  other.close()
  await relay.close()
})

test('R-SRF-03 whatever is there that is not SSH: one failure, no byte of it', async () => {
  const servers = [
    await listen((socket) => socket.end('HTTP/1.1 200 OK\r\nX-Secret: canary-banner\r\n\r\n')),
    await listen((socket) => socket.write('-ERR canary-banner redis\r\n')),
    await listen((socket) => socket.write('220 canary-banner ESMTP\r\n')),
    await listen((socket) => socket.write(Buffer.from('160303', 'hex'))),
    await listen(() => undefined),
    await listen((socket) => socket.destroy()),
    await listen((socket) => {
      socket.on('error', () => undefined)
      const more = () => socket.write('x'.repeat(60_000)) && setImmediate(more)
      socket.on('drain', more)
      more()
    }),
  ]
  const closed = await freePort()
  const relay = await startTestRelay({ limits: { identMs: 700 } })
  const client = await Client.open(relay.url)
  const failures = []
  for (const port of [...servers.map((one) => one.port), closed]) {
    const failure = await client
      .ask('ssh-connect', { sessionId: `port-${port}`, host: '127.0.0.1', port, username: 'x', password: 'y' })
      .then(
        () => expect.unreachable(),
        (error) => error.failure,
      )
    failures.push({ ...failure, sessionId: undefined, steps: undefined })
  }
  for (const failure of failures) expect(failure).toEqual(failures[0])
  expect(failures[0]).toMatchObject({ code: 'no-ssh-server', phase: 'connection' })
  expect(JSON.stringify(client.heard('ssh-error')) + relay.logText()).not.toContain('canary-banner')
  client.close()
  await relay.close()
  for (const { server } of servers) server.close()
})

test('R-SRF-03 a failure is told at the next half second, whenever it was known', () => {
  expect([0, 1, 499, 500, 10_001].map(untilUniform)).toEqual([500, 499, 1, 500, 499])
})

test('T-SRV-01 T-SRV-02 a server that stops in the key exchange, or talks without end before it, is given up with its phase', async () => {
  const stalled = await listen((socket) => {
    socket.on('error', () => undefined)
    socket.write('SSH-2.0-stalled\r\n')
  })
  const relay = await startTestRelay({ limits: { keyExchangeMs: 300 } })
  const client = await Client.open(relay.url)
  await expect(
    client.ask('ssh-connect', {
      sessionId: 'stalled',
      host: '127.0.0.1',
      port: stalled.port,
      username: 'x',
      password: 'y',
    }),
  ).rejects.toMatchObject({ failure: { code: 'key-exchange-failed', phase: 'key-exchange' } })
  client.close()
  await relay.close()
  stalled.server.close()
})

test('N-DRN-01 draining: clients are told, new sessions refused, open ones end by the deadline', async () => {
  const relay = await startTestRelay({ limits: { drainTerminalsMs: 2000 } })
  const client = await Client.open(relay.url)
  await client.ask('ssh-connect', { sessionId: 'open', ...login() })
  const drained = relay.dispatch.drain()
  expect(await client.next('relay-draining')).toEqual({ deadlineMs: 2000 })
  await expect(client.ask('ssh-connect', { sessionId: 'late', ...login() })).rejects.toMatchObject({
    failure: { code: 'draining', retry: true },
  })
  client.send('ssh-data', { sessionId: 'open', data: 'echo still-"typing"\n' })
  await client.shows('open', 'still-typing')
  expect(await client.next('ssh-disconnected')).toMatchObject({ sessionId: 'open', reason: 'draining' })
  await drained
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(0)
  client.close()
  await relay.close()
})

test('N-ATT-04 when a login dies, the sessions that it held die with it, detached ones too', async () => {
  const relay = await startTestRelay({}, { password: 'a good password' })
  const { token } = (await (
    await fetch(new URL('api/auth/login', relay.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: 'a good password' }),
    })
  ).json()) as { token: string }
  const client = await Client.open(relay.url, { auth: { token } })
  await client.ask('ssh-connect', { sessionId: 'detached', ...login(), binary: true, resume: attachKey().resume })
  client.close()
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(1)
  await fetch(new URL('api/auth/logout', relay.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{}',
  })
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(0)
  await relay.close()
})
