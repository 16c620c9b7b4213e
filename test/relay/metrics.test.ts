import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attachKey, Client } from '../harness/client.ts'
import { ask, bearer } from '../harness/http.ts'
import { canaries, startTestRelay, type TestRelay } from '../harness/relay.ts'
import { freePort, type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd
let relay: TestRelay
let client: Client
/** The port of its metrics. */
let port: number

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay({ metricsPort: 0, limits: { sessionsPerPrincipal: 4 } }, { password: canaries.password })
  const url = relay.events.find(({ event }) => event === 'metrics')?.url as string
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  port = Number(new URL(url).port)
  client = await Client.open(relay.url, { auth: { token: relay.auth.issue() } })
  client.acknowledges = true
})
afterAll(async () => {
  client.close()
  await relay.close()
  await sshd.close()
})

const login = () => ({ host: sshd.host, port: sshd.port, username: sshd.username, password: sshd.password })

/** The value of a series, by its name and labels as they stand in the text. */
async function read(series: string): Promise<number | undefined> {
  const { status, body } = await ask(port, '/metrics')
  expect(status).toBe(200)
  const line = body.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

describe('metrics', () => {
  test('count sessions by state, connects by outcome, bytes, limits, prompts and memory', async () => {
    const { resume } = attachKey()
    await client.ask('ssh-connect', { sessionId: 'shell', ...login(), binary: true, resume })
    await client.ask('sftp-connect', { sessionId: 'files', session: 'shell' })
    client.send('ssh-data', { sessionId: 'shell', data: 'echo met-"ric"\n' })
    await client.shows('shell', 'met-ric')
    const nobody = { sessionId: 'nobody', ...login(), port: await freePort() }
    await expect(client.ask('ssh-connect', nobody)).rejects.toThrow('no-ssh-server')
    client.send('ssh-connect', { sessionId: 'asked', ...login(), interactive: true })
    await client.next('ssh-prompt')
    const command = { ...login(), command: 'head -c 5000 /dev/zero' }
    await client.ask('ssh-connect', { sessionId: 'command', ...command, binary: true })
    await client.next('ssh-disconnected', ({ sessionId }) => sessionId === 'command')
    await client.ask('ssh-connect', { sessionId: 'fourth', ...login() })
    await expect(client.ask('ssh-connect', { sessionId: 'fifth', ...login() })).rejects.toThrow('too-many-sessions')

    expect(await read('fairlead_sessions{kind="shell",state="open"}')).toBe(2)
    expect(await read('fairlead_sessions{kind="shell",state="prompting"}')).toBe(1)
    expect(await read('fairlead_sessions{kind="shell",state="detached"}')).toBe(0)
    expect(await read('fairlead_sessions{kind="sftp",state="open"}')).toBe(1)
    expect(await read('fairlead_attachments')).toBe(4)
    expect(await read('fairlead_sockets')).toBe(1)
    expect(await read('fairlead_prompts')).toBe(1)
    expect(await read('fairlead_connects_total{outcome="open"}')).toBe(4)
    expect(await read('fairlead_connects_total{outcome="no-ssh-server"}')).toBe(1)
    expect(await read('fairlead_sessions_ended_total{reason="exit"}')).toBe(1)
    expect(await read('fairlead_limits_hit_total{limit="too-many-sessions"}')).toBe(1)
    const out = await read('fairlead_session_bytes_total{direction="out"}')
    expect(out).toBeGreaterThan(5000)
    expect(await read('fairlead_session_bytes_total{direction="in"}')).toBeGreaterThan(10)
    expect(await read('fairlead_log_bytes')).toBeGreaterThan(0)
    expect(await read('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0)
    expect(await read('process_resident_memory_bytes')).toBeGreaterThan(1e6)

    for (const sessionId of ['shell', 'fourth', 'asked']) await client.ask('ssh-disconnect', { sessionId })
    await client.ask('sftp-disconnect', { sessionId: 'files' })
    expect(await read('fairlead_sessions{kind="shell",state="open"}')).toBe(0)
    expect(await read('fairlead_prompts')).toBe(0)
    expect(await read('fairlead_log_bytes')).toBe(0)
    // Of sessions that are gone as well: counters only rise.
    expect(await read('fairlead_session_bytes_total{direction="out"}')).toBeGreaterThanOrEqual(out ?? 0)
    expect(await read('fairlead_connects_total{outcome="closed"}')).toBe(1)
  })

  test('name no host, no user, no session and no secret', async () => {
    const { body } = await ask(port, '/metrics')
    for (const name of [sshd.username, '127.0.0.1', sshd.password, canaries.password]) expect(body).not.toContain(name)
    expect(body).toMatch(/^fairlead_build_info\{version="[\d.]+"\} 1$/m)
    const own = body.split('\n').filter((line) => line.startsWith('fairlead_'))
    for (const line of own) expect(line).toMatch(/^fairlead_[a-z_]+(\{([a-z]+="[a-z\d.-]+",?)+\})? [\d.e+]+$/)
  })

  test('on their own port answer this machine under its own name, and nothing else', async () => {
    for (const [path, host, status] of [
      ['/metrics', 'localhost', 200],
      ['/metrics', `127.0.0.1:${port}`, 200],
      ['/metrics', `[::1]:${port}`, 421],
      ['/metrics', 'rebound.example', 421],
      ['/metrics', 'localhost.rebound.example', 421],
      ['/', 'localhost', 404],
      ['/api/auth/status', 'localhost', 404],
    ] as const)
      expect((await ask(port, path, { headers: { Host: host } })).status, `${host}${path}`).toBe(status)
    expect((await ask(port, '/metrics', { method: 'POST', headers: { Host: 'localhost' } })).status).toBe(404)
    // Nobody gets there through the relay either.
    await expect(client.ask('ssh-connect', { sessionId: 'inward', ...login(), port })).rejects.toThrow('target-denied')
  })

  test("on the relay's port want its token", async () => {
    expect((await ask(relay.port, '/metrics')).json().failure.code).toBe('login-required')
    expect((await ask(relay.port, '/metrics', { headers: bearer('0'.repeat(64)) })).status).toBe(401)
    const answer = await ask(relay.port, '/metrics', { headers: bearer(relay.auth.issue()) })
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store'])
    expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4')
    expect(answer.body).toContain('fairlead_sessions{')
  })

  test('a port that is taken is said', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((settle) => taken.once('listening', settle))
    const { port: busy } = taken.address() as { port: number }
    await expect(startTestRelay({ metricsPort: busy })).rejects.toThrow(`--metrics-port: port ${busy} is in use`)
    taken.close()
  })
})

test('health wants nothing and tells nothing; a relay that drains is not well', async () => {
  const drained = await startTestRelay({ limits: { drainTerminalsMs: 60_000 } }, { password: canaries.password })
  const { status, body } = await ask(drained.port, '/healthz')
  expect([status, body]).toEqual([200, 'ok'])
  const waiting = await Client.open(drained.url, { auth: { token: drained.auth.issue() } })
  await waiting.ask('ssh-connect', { sessionId: 'open', ...login() })
  const done = drained.drain()
  await waiting.next('relay-draining')
  const answer = await ask(drained.port, '/healthz')
  expect([answer.status, answer.json().failure.code]).toEqual([503, 'draining'])
  // The answer may be overtaken by the end of the relay.
  waiting.send('ssh-disconnect', { sessionId: 'open' })
  await done
  waiting.close()
  await drained.close()
})
