import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildRelay, type CliRun, runCli } from '../harness/cli.ts'
import { Client } from '../harness/client.ts'
import { ask, bearer, post } from '../harness/http.ts'
import { connected, once, openSocket, refused } from '../harness/socket.ts'

const runs: CliRun[] = []
const run = async (...given: Parameters<typeof runCli>) => {
  const started = await runCli(...given)
  runs.push(started)
  return started
}
beforeAll(buildRelay, 60_000)
afterEach(async () => {
  for (const { process, ended } of runs.splice(0)) {
    process.kill('SIGKILL')
    await ended
  }
})

const portOf = (url: string) => Number(new URL(url).port)
const jsonLines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('--version and --help answer on stdout and end well', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const [first, second] = [await run(['--version']), await run(['--help'])]
  expect([await first.ended, first.stdout(), first.stderr()]).toEqual([0, `${version}\n`, ''])
  expect([await second.ended, second.stderr()]).toEqual([0, ''])
  expect(second.stdout()).toMatch(/^Usage: fairlead/)
})

test.each([
  [['--unknown']],
  [['--port', 'x']],
  [['--host', '--no-auth']],
  [['--password-file', '/does/not/exist']],
  [['--app', '/does/not/exist']],
  [['--tls-cert', '/does/not/exist', '--tls-key', '/does/not/exist']],
  [['--tls-cert', '/dev/null', '--tls-key', '/dev/null']],
  [['--tls-self-signed', '--tls-cert', 'c', '--tls-key', 'k']],
  [['--audit-file', '/does/not/exist']],
  [['--audit-must']],
  [['--metrics-port', 'x']],
])('%j: one line on stderr, exit status 2', async (flags) => {
  const { ended, stdout, stderr } = await run(['--port', '0', ...flags].slice(flags[0] === '--port' ? 2 : 0))
  expect(await ended).toBe(2)
  expect(stdout()).toBe('')
  expect(stderr()).toMatch(/^fairlead: [^\n]+\n$/)
})

test('a port that is taken: one line, exit status 1', async () => {
  const state = await mkdtemp(join(tmpdir(), 'fairlead-test-'))
  const taken = createServer()
  await new Promise<void>((settle) => taken.listen(0, '127.0.0.1', settle))
  const { port } = taken.address() as { port: number }
  const { ended, stderr } = await run(['--port', String(port), '--host', '--state', state])
  expect(await ended).toBe(1)
  expect(stderr()).toBe(`fairlead: port ${port} on 127.0.0.1 is in use; choose another with --port\n`)
  // No password was made that nobody has seen.
  expect(await readdir(state)).toEqual([])
  await rm(state, { recursive: true })
  taken.close()
})

test('a password file that does not hold a hash: the relay does not start', async () => {
  const state = await mkdtemp(join(tmpdir(), 'fairlead-test-'))
  await writeFile(join(state, 'password.json'), '')
  const { ended, stderr } = await run(['--port', '0', '--state', state])
  expect(await ended).toBe(1)
  expect(stderr()).toMatch(/^fairlead: [^\n]*password\.json[^\n]*\n$/)
  await rm(state, { recursive: true })
})

test('it prints its URL on a line by itself once it listens, and logs elsewhere; SIGTERM ends it well', async () => {
  const { firstLine, process, ended, stdout, stderr } = await run(['--port', '0'])
  const url = await firstLine
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect((await ask(portOf(url), '/healthz')).body).toBe('ok')
  process.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(stdout()).toBe(`${url}\n`)
  expect(
    stderr()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{')),
  ).toEqual([])
  expect(jsonLines(stderr())[0]).toMatchObject({ event: 'listening', url })
})

test('the password comes by file or environment, and stands nowhere afterwards', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-test-'))
  await writeFile(join(directory, 'password'), 'from-the-file\nsecond line\n')
  const byFile = await run(['--port', '0', '--password-file', join(directory, 'password')])
  const byEnvironment = await run(['--port', '0'], { FAIRLEAD_PASSWORD: 'from-the-environment' })
  for (const [started, password] of [
    [byFile, 'from-the-file'],
    [byEnvironment, 'from-the-environment'],
  ] as const) {
    const port = portOf(await started.firstLine)
    expect((await post(port, '/api/auth/login', { password })).status).toBe(200)
    started.process.kill('SIGTERM')
    await started.ended
    expect(started.stderr() + started.stdout()).not.toContain(password)
  }
  await rm(directory, { recursive: true })
})

test('a relay that others reach prints a set-up code, and refuses sockets until it is used', async () => {
  const { firstLine, stderr } = await run(['--port', '0', '--bind', '0.0.0.0'])
  const url = await firstLine
  const code = /code, good once: ([a-z2-9-]{24})\n/.exec(stderr())?.[1] ?? ''
  expect(
    jsonLines(stderr())
      .map((line) => JSON.stringify(line))
      .join(),
  ).not.toContain(code)
  expect((await refused(openSocket(url))).data?.code).toBe('set-up-required')
  const set = await post(portOf(url), '/api/auth/set-password', { newPassword: 'a-good-password', setUpCode: code })
  expect(set.status).toBe(200)
  const socket = openSocket(url, set.json().token)
  await connected(socket)
  socket.disconnect()
})

test('--no-auth off loopback is warned of', async () => {
  const { firstLine, stderr } = await run(['--port', '0', '--bind', '0.0.0.0', '--no-auth'])
  await firstLine
  expect(stderr()).toContain('Warning: everybody who reaches this port may use the relay')
})

describe('--host', () => {
  test('it makes a password, shows it once, and its launch URL logs in', async () => {
    const { firstLine, process, ended, stdout, stderr } = await run(['--port', '0', '--host'])
    const launchUrl = new URL(await firstLine)
    const token = /^#token=([0-9a-f]{64})$/.exec(launchUrl.hash)?.[1] ?? ''
    const made = stderr().match(/^Password of this relay, shown only now: (.+)$/m)?.[1] ?? ''
    expect((await ask(portOf(launchUrl.href), '/api/auth/status')).json()).toEqual({ passwordEnabled: true })
    expect((await post(portOf(launchUrl.href), '/api/auth/login', { password: made })).status).toBe(200)
    expect((await refused(openSocket(launchUrl.origin))).data?.code).toBe('login-required')
    const removed = await post(
      portOf(launchUrl.href),
      '/api/auth/remove-password',
      { currentPassword: made },
      { headers: bearer(token) },
    )
    expect(removed.json().failure.code).toBe('password-needed')
    process.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(stderr().split(made)).toHaveLength(2)
    expect(stderr() + stdout().split('\n').slice(1).join('')).not.toContain(token)
  })

  /** A relay with an open shell on its own host. */
  const withShell = async (flags: string[] = []) => {
    const started = await run(['--port', '0', '--host', ...flags])
    const launchUrl = new URL(await started.firstLine)
    const socket = openSocket(launchUrl.origin, launchUrl.hash.slice('#token='.length))
    const hello = await once<{ builtInHost: { host: string; port: number; username: string } }>(socket, 'relay-hello')
    const { host, port, username } = hello.builtInHost
    const open = once(socket, 'ssh-connected')
    socket.emit('ssh-connect', { sessionId: 'shell', host, port, username, command: 'cat' })
    await open
    return { ...started, socket, port: portOf(launchUrl.href) }
  }

  test('N-DRN-01 SIGTERM refuses what is new, tells clients the deadline, and ends well at the deadline', async () => {
    const { process, ended, socket, port } = await withShell(['--limit-drain-terminals-ms', '1500'])
    const told = once<{ deadlineMs: number }>(socket, 'relay-draining')
    const over = once<{ reason: string }>(socket, 'ssh-disconnected')
    process.kill('SIGTERM')
    expect((await told).deadlineMs).toBeGreaterThan(0)
    const answer = await ask(port, '/api/auth/status')
    expect([answer.status, answer.json().failure.code]).toEqual([503, 'draining'])
    const late = openSocket(`http://127.0.0.1:${port}`, 'x', { transports: ['polling'] })
    await refused(late)
    expect((await over).reason).toBe('draining')
    expect(await ended).toBe(0)
    socket.disconnect()
  })

  test('N-DRN-01 a second signal does not wait', async () => {
    const { process, ended, socket } = await withShell(['--limit-drain-terminals-ms', '600000'])
    const told = once(socket, 'relay-draining')
    process.kill('SIGTERM')
    await told
    process.kill('SIGTERM')
    expect(await ended).toBe(143)
    socket.disconnect()
  })
})

test('--tls-self-signed says the fingerprint; SIGHUP goes on in a new audit file, and ends nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-test-'))
  const audit = join(directory, 'audit')
  const flags = ['--port', '0', '--host', '--tls-self-signed', '--audit-file', audit]
  const { firstLine, process, stderr } = await run(flags)
  const launch = new URL(await firstLine)
  expect(launch.protocol).toBe('https:')
  const [, shown] =
    /^SHA-256 of the certificate that was made: ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/m.exec(stderr()) ?? []
  expect(shown).toBeDefined()
  const secure = { rejectUnauthorized: false, auth: { token: launch.hash.slice('#token='.length) } }
  const client = await Client.open(launch.origin, secure)
  const { builtInHost } = await client.next('relay-hello')
  const { host, port, username } = builtInHost ?? {}
  const visit = async (sessionId: string) => {
    await client.ask('ssh-connect', { sessionId, host, port, username, command: 'true' })
    await client.next('ssh-disconnected', (one) => one.sessionId === sessionId)
  }
  const linesOf = async (path: string) =>
    jsonLines(await readFile(path, 'utf8').catch(() => '')).map((line) => line.session)
  await visit('before')
  await expect.poll(() => linesOf(audit)).toEqual(['before'])
  await rename(audit, `${audit}.1`)
  process.kill('SIGHUP')
  await expect.poll(() => readdir(directory)).toContain('audit')
  await visit('after')
  await expect.poll(() => linesOf(audit)).toEqual(['after'])
  expect(await linesOf(`${audit}.1`)).toEqual(['before'])
  client.close()
  await rm(directory, { recursive: true })
})

test('R-LOG-02 a reader of the log that has stopped reading does not stop the relay', async () => {
  const { firstLine, process, stderr } = await run(['--port', '0'])
  const url = await firstLine
  process.stderr?.pause()
  const socket = openSocket(url)
  await connected(socket)
  const before = stderr().length
  const sessionId = `unknown-${'x'.repeat(100)}`
  await Promise.all(Array.from({ length: 3000 }, () => socket.emitWithAck('ssh-disconnect', { sessionId })))
  expect((await ask(portOf(url), '/healthz')).body).toBe('ok')
  expect(stderr().length).toBe(before)
  process.stderr?.resume()
  // Far more than a pipe holds: it was full, and the relay went on.
  await expect.poll(() => stderr().length).toBeGreaterThan(256 * 1024)
  socket.disconnect()
})

test('what is packed is the built relay, the built app and the documents, and nothing else', async () => {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  })
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }]
  const paths = files.map(({ path }) => path)
  expect(paths).toContain('dist/relay/main.js')
  const expected = /^(dist\/(relay|pwa)\/|package\.json$|(README|CHANGELOG|SECURITY)\.md$|LICENSE$)/
  expect(paths.filter((path) => !expected.test(path))).toEqual([])
})

test('the built-in host comes back at its port, with its key; at another where that is taken', async () => {
  const state = await mkdtemp(join(tmpdir(), 'fairlead-host-'))
  const hello = async () => {
    const { firstLine, process, ended } = await run(['--port', '0', '--host'], { FAIRLEAD_STATE: state })
    const launch = new URL(await firstLine)
    const token = new URLSearchParams(launch.hash.slice(1)).get('token')
    const client = await Client.open(launch.origin, { auth: { token } })
    const { builtInHost } = await client.next('relay-hello')
    client.close()
    process.kill('SIGTERM')
    await ended
    return builtInHost
  }
  const first = await hello()
  expect(await hello()).toEqual(first)
  const taken = createServer().listen(first?.port, '127.0.0.1')
  const moved = await hello()
  expect(moved?.hostKey).toBe(first?.hostKey)
  expect(moved?.port).not.toBe(first?.port)
  taken.close()
  await rm(state, { recursive: true, force: true })
})
