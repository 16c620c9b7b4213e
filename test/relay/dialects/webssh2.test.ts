import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../../harness/http.ts'
import { canaries, startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { freePort, type Sshd, startSshd } from '../../harness/sshd.ts'
import { startTwoStepHost, type TwoStepHost } from '../../harness/twoStepHost.ts'
import { Webssh2Clients } from '../../harness/webssh2.ts'

let sshd: Sshd
let steps: TwoStepHost
let relay: TestRelay
const clients = new Webssh2Clients()

beforeAll(async () => {
  ;[sshd, steps] = await Promise.all([startSshd(), startTwoStepHost()])
  relay = await startTestRelay({ webssh2: true, limits: { keyExchangeMs: 2000, loginMs: 2000 } })
})
afterEach(async () => {
  clients.close()
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
})
afterAll(async () => {
  await relay.close()
  await Promise.all([sshd.close(), steps.close()])
})

const client = (options = {}, version: 2 | 4 = 4, url = relay.url) => clients.open(url, options, version)

const codes = { inputs: { prompt_0: '123456' }, action: 'submit' }

describe.each([
  [4, 'websocket'],
  [4, 'polling'],
  [2, 'websocket'],
  [2, 'polling'],
] as const)('Socket.IO %i over %s', (version, transport) => {
  test('a login by password: every event in the order of the flow, a shell, a size, an end', async () => {
    const one = await client({ transports: [transport] }, version)
    await one.next('authentication', ({ action }) => action === 'request_auth')
    await one.shell(sshd)
    expect(one.names.filter((name) => !name.startsWith('hostkey:'))).toEqual([
      'permissions',
      'authentication',
      'authentication',
      'permissions',
      'sftp-status',
      'getTerminal',
      'updateUI',
      'updateUI',
    ])
    expect(one.seen.map(({ payload }) => payload)).toEqual(
      expect.arrayContaining([
        { action: 'auth_result', success: true },
        expect.objectContaining({ autoLog: false, allowReplay: false, allowReconnect: true, allowReauth: true }),
        { element: 'footer', value: `ssh://127.0.0.1:${sshd.port}` },
        { element: 'status', value: 'Connected' },
      ]),
    )
    one.send('data', 'stty size; echo "$TERM $((20+3))"\r')
    await one.shown('xterm-color 23')
    expect(one.output.toString()).toContain('20 90')
    one.send('resize', { cols: 101, rows: 33 })
    one.send('data', 'stty size\r')
    await one.shown('33 101')
    expect(one.text).toBe('')
    one.send('data', 'exit\r')
    expect(await one.next('ssherror')).toBe('Connection closed')
    await one.until(() => one.gone)
    expect(one.gone).toMatch(/io server disconnect|transport close|forced close/)
  })
})

test.each([4, 2] as const)(
  'a wrong password is a connection-error; the same socket tries again (Socket.IO %i)',
  async (version) => {
    const one = await client({}, version)
    one.authenticate(sshd, { password: canaries.wrongPassword })
    expect(await one.next('connection-error')).toMatchObject({
      errorType: 'auth',
      canRetry: true,
      title: 'Authentication Failed',
      host: sshd.host,
      port: sshd.port,
    })
    expect(one.names).not.toContain('prompt')
    await one.shell(sshd)
  },
)

test.each([4, 2] as const)(
  'a port where nobody answers is a network error that need not be tried again (Socket.IO %i)',
  async (version) => {
    const one = await client({}, version)
    one.authenticate(sshd, { port: await freePort() })
    expect(await one.next('connection-error')).toMatchObject({ errorType: 'network', canRetry: false })
  },
)

test('other ways to fail: no algorithm in common, a question that nobody answers, a shell that the server refuses', async () => {
  const [strange, mute, hasty] = await Promise.all([
    startSshd(['KexAlgorithms sntrup761x25519-sha512@openssh.com']),
    startSshd(['MaxSessions 0']),
    startTestRelay({ webssh2: true, limits: { promptMs: 300 } }),
  ])
  try {
    const one = await client({}, 4, hasty.url)
    one.authenticate(strange)
    expect(await one.next('connection-error')).toMatchObject({ errorType: 'algorithm', canRetry: false })
    one.authenticate(steps)
    await one.next('prompt')
    expect(await one.next('connection-error')).toMatchObject({ errorType: 'timeout', canRetry: true })
    one.authenticate(mute)
    await one.next('getTerminal')
    one.send('terminal', { cols: 80, rows: 24 })
    expect(await one.next('ssherror')).toMatch(/shell/i)
    await one.until(() => one.gone)
  } finally {
    await Promise.all([strange.close(), mute.close(), hasty.close()])
  }
})

test('private keys, in clear and encrypted, and a wrong passphrase', async () => {
  const one = await client()
  await one.shell(sshd, { password: undefined, privateKey: sshd.privateKey })
  const other = await client()
  other.authenticate(sshd, { password: null, privateKey: sshd.encryptedKey, passphrase: 'wrong' })
  expect(await other.next('connection-error')).toMatchObject({ errorType: 'auth' })
  await other.shell(sshd, { password: '', privateKey: sshd.encryptedKey, passphrase: sshd.passphrase })
})

test('a second factor: the password is answered for the client, the code is asked for; answers may come twice', async () => {
  steps.answers.splice(0)
  const one = await client()
  one.authenticate(steps)
  const asked = await one.next('prompt')
  expect(asked).toMatchObject({
    type: 'input',
    title: 'Two steps',
    message: 'From your device.',
    inputs: [{ id: 'prompt_0', label: 'One-time code: ', type: 'text', required: false }],
  })
  for (let times = 0; times < 2; times += 1) one.send('prompt-response', { id: asked.id, ...codes })
  await one.next('getTerminal')
  one.send('terminal', { cols: 80, rows: 24 })
  await one.shown('two steps taken')
  expect(steps.answers.splice(0)).toEqual([[steps.password], [steps.code]])
})

test('WEBSSH2 8.14: forwardAllKeyboardInteractivePrompts: every question is asked, that for the password as well', async () => {
  const one = await client()
  one.authenticate(steps, { forwardAllKeyboardInteractivePrompts: true })
  const first = await one.next('prompt')
  expect(first.inputs).toEqual([{ id: 'prompt_0', label: 'Password: ', type: 'password', required: false }])
  one.send('prompt-response', { id: first.id, action: 'submit', inputs: { prompt_0: steps.password } })
  const second = await one.next('prompt')
  one.send('prompt-response', { id: second.id, ...codes })
  await one.next('getTerminal')
  steps.answers.splice(0)
})

test('WEBSSH2 8.6: a cancelled prompt ends at once, and an empty answer is one', async () => {
  const one = await client()
  one.authenticate(steps)
  const { id } = await one.next('prompt')
  for (let times = 0; times < 2; times += 1)
    one.send('prompt-response', { id, action: 'cancel', inputs: { prompt_0: '' } })
  expect(await one.next('connection-error')).toMatchObject({
    errorType: 'auth',
    canRetry: true,
    message: expect.stringContaining('cancelled'),
  })
  one.authenticate({ ...steps, username: 'empty' })
  const again = await one.next('prompt')
  one.send('prompt-response', { id: again.id, action: 'submit', inputs: { prompt_0: '' } })
  await one.next('getTerminal')
})

test('WEBSSH2 8.7: a person may think longer than any phase of the login may take', async () => {
  const strict = await startTestRelay({ webssh2: true, limits: { keyExchangeMs: 400, loginMs: 400, identMs: 400 } })
  try {
    const one = await client({}, 4, strict.url)
    one.authenticate(steps)
    const { id } = await one.next('prompt')
    // As long as another connection needs that is told to wait by the same clock.
    const other = await client({}, 4, strict.url)
    other.authenticate(sshd)
    await other.next('getTerminal')
    expect(await other.next('ssherror')).toContain('terminal')
    one.send('prompt-response', { id, ...codes })
    await one.next('getTerminal')
    one.send('terminal', { cols: 80, rows: 24 })
    await one.shown('two steps taken')
  } finally {
    await strict.close()
  }
})

test.each([4, 2] as const)(
  'reauth is asked for and answered, the shell goes on; WEBSSH2 8.8: a second login on the socket replaces the first (Socket.IO %i)',
  async (version) => {
    const one = await client({}, version)
    await one.shell(sshd)
    one.send('control', 'reauth')
    await one.next('authentication', ({ action }) => action === 'reauth')
    one.send('data', 'echo first-$$-shell\r')
    await one.until(() => /first-\d+-shell/.test(one.output.toString()))
    const pid = /first-(\d+)-shell/.exec(one.output.toString())?.[1]
    const before = one.names.length
    one.output = Buffer.alloc(0)
    await one.shell(sshd)
    expect(one.names.slice(before)).not.toContain('ssherror')
    await expect.poll(() => relay.dispatch.counts().sessions).toBe(1)
    one.send('data', `while kill -0 ${pid} 2>&-; do read -t 0.1; done; echo orphan-"gone"\r`)
    await one.shown('orphan-gone')
  },
)

test('WEBSSH2 8.9 and 8.10: a second terminal is a new size of the same shell, and what is typed too early is not lost', async () => {
  const one = await client()
  one.authenticate(sshd)
  await one.next('getTerminal')
  one.send('data', 'echo ear"ly"-$$\r')
  one.send('terminal', { cols: 70, rows: 20 })
  one.send('data', 'echo also-ear"ly"\r')
  await one.shown('also-early')
  const pid = /early-(\d+)/.exec(one.output.toString())?.[1]
  one.send('terminal', { cols: 71, rows: 21 })
  one.send('data', 'echo again-$$-$(stty size)\r')
  await one.shown(`again-${pid}-21 71`)
})

test('limits hold: a session too many is refused, and may be tried again', async () => {
  const narrow = await startTestRelay({ webssh2: true, limits: { sessionsPerPrincipal: 1 } })
  try {
    await (await client({}, 4, narrow.url)).shell(sshd)
    const other = await client({}, 4, narrow.url)
    other.authenticate(sshd)
    expect(await other.next('connection-error')).toMatchObject({ errorType: 'unknown', canRetry: true })
  } finally {
    await narrow.close()
  }
})

test.each([4, 2] as const)('a flood arrives whole, and Ctrl-C ends an endless one (Socket.IO %i)', async (version) => {
  const one = await client({}, version)
  await one.shell(sshd)
  one.send('data', 'stty -echo; seq 1 200000; echo flo"od"\r')
  await one.shown('flood')
  expect(one.output.toString().match(/^\d+\r$/gm)?.length).toBe(200_000)
  one.send('data', 'yes; echo sto"pped"\r')
  await one.shown('y\r\ny\r\n')
  one.send('data', '\x03')
  // What is typed before the prompt goes with the interrupt.
  await one.until(() => /\$ $/.test(one.output.toString('latin1', one.output.length - 20)))
  one.send('data', 'echo ba"ck"\r')
  await one.shown('back')
})

test('WEBSSH2 8.11: nothing is left of a session whose socket is gone', async () => {
  const [one, other] = [await client(), await client()]
  await one.shell(sshd)
  await other.shell(sshd)
  one.send('data', 'echo first-$$-shell\r')
  await one.until(() => /first-\d+-shell/.test(one.output.toString()))
  const pid = /first-(\d+)-shell/.exec(one.output.toString())?.[1]
  one.close()
  other.send('data', `while kill -0 ${pid} 2>&-; do read -t 0.1; done; echo all-"gone"\r`)
  await other.shown('all-gone')
})

test('WEBSSH2 8.16: 200 idle sockets cost little and keep nobody out; one address has no more than its share', async () => {
  const crowded = await startTestRelay({ webssh2: true, limits: { socketsPerAddress: 202 } })
  try {
    const before = process.memoryUsage().rss
    const idle = await Promise.all(Array.from({ length: 200 }, () => client({}, 4, crowded.url)))
    for (const each of idle) await each.next('authentication', ({ action }) => action === 'request_auth')
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
    const one = await client({}, 4, crowded.url)
    await one.shell(sshd)
    await client({}, 4, crowded.url)
    await expect(client({}, 4, crowded.url)).rejects.toThrow()
    one.send('data', 'echo not-dis"turbed"\r')
    await one.shown('not-disturbed')
    for (const each of idle) expect(each.gone).toBeUndefined()
  } finally {
    clients.close()
    await crowded.close()
  }
})

test('WEBSSH2 8.5: two clients of the same user share nothing: one leaves, the other resizes', async () => {
  const [one, other] = [await client(), await client()]
  await one.shell(sshd)
  await other.shell(sshd)
  one.close()
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(1)
  other.send('resize', { cols: 77, rows: 22 })
  other.send('data', 'stty size\r')
  await other.shown('22 77')
})

test('replayed credentials: refused by default, typed where the operator allows it', async () => {
  const one = await client()
  await one.shell(sshd)
  one.send('control', 'replayCredentials')
  expect(await one.next('ssherror')).toMatch(/not allowed/)
  const willing = await startTestRelay({ webssh2: true, webssh2Replay: true })
  try {
    const other = await client({}, 4, willing.url)
    await other.shell(sshd)
    await other.next('permissions', ({ allowReplay }) => allowReplay === true)
    other.send('data', 'read -s it; [ "$it" = "correct horse battery" ] && echo re"played"\r')
    await other.shown('re"played"')
    other.send('control', 'replayCredentials')
    await other.shown('replayed')
  } finally {
    await willing.close()
  }
})

test.each([4, 2] as const)(
  'WEBSSH2 8.1: junk of any kind from a client of Socket.IO %i, before and after a login, harms nobody',
  async (version) => {
    const one = await client({}, version)
    const other = await client({}, version)
    await other.shell(sshd)
    const junk = [
      undefined,
      null,
      '',
      'x',
      0,
      -1,
      [],
      {},
      true,
      { path: 7 },
      { cols: null },
      Buffer.from('x'),
      'a'.repeat(600_000),
    ]
    const events = ['authenticate', 'terminal', 'data', 'resize', 'control', 'exec', 'prompt-response']
    events.push('hostkey:verify-response', 'sftp-list', 'sftp-stat', 'sftp-mkdir', 'sftp-delete', 'sftp-upload-start')
    events.push('sftp-upload-chunk', 'sftp-upload-cancel', 'sftp-download-start', 'sftp-download-cancel', 'unknown')
    for (const event of events) {
      one.send(event)
      for (const payload of junk) one.send(event, payload)
    }
    // What logs out is junk to `authenticate` only.
    for (const event of events.slice(2)) {
      other.send(event)
      for (const payload of junk.filter((value) => typeof value !== 'string')) other.send(event, payload)
    }
    await one.next('authentication', ({ success }) => success === false)
    await one.shell(sshd)
    other.send('data', 'echo still-"here"\r')
    await other.shown('still-here')
    expect(relay.events.filter(({ event }) => event === 'bug')).toEqual([])
  },
  30_000,
)

test('WEBSSH2 8.2 and 8.4: a polling client that stalls holds its own output, and loses none of it, however fast it was', async () => {
  const one = await client({ transports: ['polling'] })
  await one.shell(sshd)
  const stalling = one.stall()
  one.send('data', 'stty -echo; seq 1 2000000; echo end-of-"flood"\r')
  const goOn = await stalling
  const before = process.memoryUsage().rss
  const other = await client()
  await other.shell(sshd)
  other.send('data', 'for i in 1 2 3; do sleep 0.3; done; echo "wai"ted\r')
  await other.shown('waited')
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  const parts: Buffer[] = []
  one.socket.off('data')
  const done = new Promise<void>((resolve) =>
    one.socket.on('data', (data: Buffer) => {
      parts.push(Buffer.from(data))
      if (Buffer.concat(parts.slice(-2)).includes('end-of-flood')) resolve()
    }),
  )
  goOn()
  await done
  const all = Buffer.concat([one.output, ...parts]).toString()
  expect(all.match(/^\d+\r$/gm)?.length).toBe(2_000_000)
}, 60_000)

test('WEBSSH2 8.3: input that a program does not read is bounded: the session ends, the relay does not grow', async () => {
  const one = await client()
  await one.shell(sshd)
  one.send('data', 'stty raw -echo; echo rea"dy"; sleep 1000\r')
  await one.shown('ready')
  const piece = 'x'.repeat(256 * 1024)
  for (let count = 0; count < 120; count += 1) one.send('data', piece)
  expect(await one.next('ssherror')).toMatch(/does not read/)
  await one.until(() => one.gone)
})

test('WEBSSH2 8.13: tokens and origins count here as everywhere; pages of allowed origins are in without a token by the operator alone', async () => {
  const origin = 'https://old.example'
  const from = { extraHeaders: { Origin: origin } }
  const closed = await startTestRelay({ webssh2: true, allowOrigin: [origin] }, { password: canaries.password })
  const willing = await startTestRelay(
    { webssh2: true, allowOrigin: [origin], webssh2NoToken: true },
    { password: canaries.password },
  )
  try {
    await expect(client({}, 4, closed.url)).rejects.toThrow()
    await expect(client({}, 2, closed.url)).rejects.toBeTruthy()
    await expect(client(from, 4, closed.url)).rejects.toThrow()
    const query = { token: closed.auth.issue() }
    for (const version of [2, 4] as const) await (await client({ ...from, query }, version, closed.url)).shell(sshd)
    await (await client({ auth: query }, 4, closed.url)).next('authentication')
    await expect(client({ extraHeaders: { Origin: 'https://evil.example' }, query }, 4, closed.url)).rejects.toThrow()

    await (await client(from, 4, willing.url)).shell(sshd)
    await expect(client({}, 4, willing.url)).rejects.toThrow()
    await expect(client({ ...from, query: { token: '0'.repeat(64) } }, 4, willing.url)).rejects.toThrow()
    await expect(client({ extraHeaders: { Origin: 'https://evil.example' } }, 4, willing.url)).rejects.toThrow()
  } finally {
    clients.close()
    await closed.close()
    await willing.close()
  }
})

test('a login that ends takes its sockets and sessions along, and a new password those without a token as well', async () => {
  const origin = 'https://old.example'
  const from = { extraHeaders: { Origin: origin } }
  const own = await startTestRelay(
    { webssh2: true, allowOrigin: [origin], webssh2NoToken: true },
    { password: canaries.password },
  )
  try {
    const token = own.auth.issue()
    const [one, other] = [await client({ auth: { token } }, 4, own.url), await client({ query: { token } }, 2, own.url)]
    const guest = await client(from, 4, own.url)
    for (const each of [one, other, guest]) await each.shell(sshd)
    const login = own.auth.verify(token)
    if (!login) throw new Error('the token is not good')
    own.auth.logout(login)
    for (const each of [one, other]) await each.until(() => each.gone)
    await expect.poll(() => own.dispatch.counts().sessions).toBe(1)
    expect(guest.gone).toBeUndefined()
    await expect(client({ query: { token } }, 4, own.url)).rejects.toThrow()
    await own.auth.setOwnPassword(canaries.otherPassword)
    await guest.until(() => guest.gone)
    await expect.poll(() => own.dispatch.counts().sessions).toBe(0)

    const again = await client({ ...from, transports: ['polling'] }, 4, own.url)
    await again.shell(sshd)
    // Whoever removes a password is logged in.
    own.auth.issue()
    await own.auth.removePassword(canaries.otherPassword, '127.0.0.1')
    await again.until(() => again.gone)
    await expect.poll(() => own.dispatch.counts().sessions).toBe(0)
  } finally {
    await own.close()
  }
})

test('a relay that is shut down says so and lets its clients go', async () => {
  const leaving = await startTestRelay({ webssh2: true, limits: { drainTerminalsMs: 100 } })
  try {
    const both = [await client({}, 4, leaving.url), await client({}, 2, leaving.url)]
    for (const each of both) await each.shell(sshd)
    await leaving.drain()
    for (const each of both) {
      expect(await each.next('ssherror')).toBe('The relay is shutting down')
      await each.until(() => each.gone)
    }
  } finally {
    await leaving.close()
  }
})

test('WEBSSH2 8.12: the policy of targets holds, and is told as an error of the network', async () => {
  const narrow = await startTestRelay({ webssh2: true, deny: ['127.0.0.1', 'localhost'] })
  try {
    const one = await client({}, 4, narrow.url)
    one.authenticate(sshd)
    expect(await one.next('connection-error')).toMatchObject({ errorType: 'network', canRetry: false })
    one.authenticate(sshd, { host: 'localhost' })
    expect(await one.next('connection-error')).toMatchObject({ host: 'localhost', errorType: 'network' })
  } finally {
    await narrow.close()
  }
})

test('nothing of it is there unless it is asked for', async () => {
  const plain = await startTestRelay()
  expect((await ask(plain.port, '/ssh/config')).status).toBe(404)
  expect((await ask(plain.port, '/ssh/socket.io/?EIO=4&transport=polling')).status).toBe(404)
  expect((await ask(plain.port, '/ssh')).status).toBe(404)
  await plain.close()
})

test('addresses of WebSSH2 open our app with the target filled in, and never carry a secret', async () => {
  const to = async (path: string) => (await ask(relay.port, path)).headers.location
  expect(await to('/ssh')).toBe('/')
  expect(await to('/ssh/host/')).toBe('/')
  expect(await to('/ssh/host/server.example?port=2222&sshterm=vt100&header=On%20duty')).toBe(
    '/#target=ssh%3A%2F%2Fserver.example%3A2222&term=vt100&header=On+duty',
  )
  expect(await to('/ssh/host/server.example?sshterm=a%20b&header=&headerBackground=red')).toBe(
    '/#target=ssh%3A%2F%2Fserver.example',
  )
  expect(await to('/ssh/host/10.0.0.1?port=abc&username=u&password=secret')).toBe('/#target=ssh%3A%2F%2F10.0.0.1')
  expect(await to('/ssh/host/2001:db8::1?port=22')).toBe('/#target=ssh%3A%2F%2F%5B2001%3Adb8%3A%3A1%5D')
  const { body, headers } = await ask(relay.port, '/ssh/config')
  expect(JSON.parse(body)).toMatchObject({
    allowedAuthMethods: ['password', 'keyboard-interactive', 'publickey'],
    hostKeyVerification: { enabled: true, clientStoreEnabled: false, unknownKeyAction: 'alert' },
  })
  expect(headers['cache-control']).toBe('no-store')
  expect((await ask(relay.port, '/ssh/config', { headers: { Origin: 'https://evil.example' } })).status).toBe(403)
  expect((await ask(relay.port, '/ssh/host/a%2Fb')).status).toBe(404)
  for (const path of ['/ssh/reauth', '/ssh/force-reconnect']) expect(await to(path)).toBe('/')
  expect((await ask(relay.port, '/ssh/clear-credentials')).status).toBe(200)
  expect((await ask(relay.port, '/ssh/host/a', { method: 'POST', body: 'username=u&password=p' })).status).toBe(404)
})
