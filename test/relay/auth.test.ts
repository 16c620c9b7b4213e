import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Auth, type AuthOptions, readableSecret } from '../../relay/auth.ts'
import { Tries } from '../../relay/tries.ts'
import { type FailureCode, Refusal } from '../../shared/failure.ts'
import { routes } from '../../shared/rest.ts'
import { ask, bearer, post, raw } from '../harness/http.ts'
import { canaries, keepPassword, startTestRelay, type TestRelay } from '../harness/relay.ts'
import { connected, once, openSocket, refused } from '../harness/socket.ts'

const { password, otherPassword, wrongPassword } = canaries
const HOUR = 3_600_000

const relays: TestRelay[] = []
const start = async (...given: Parameters<typeof startTestRelay>) => {
  const relay = await startTestRelay(...given)
  relays.push(relay)
  return relay
}
afterEach(async () => {
  for (const relay of relays.splice(0)) {
    // A-TOK-05: whatever a test did, no secret of it stands in the log.
    const text = relay.logText()
    for (const canary of Object.values(canaries)) expect(text).not.toContain(canary)
    expect(text).not.toMatch(/[0-9a-f]{64}/)
    await relay.close()
  }
})

const codeOf = async (attempt: Promise<unknown>): Promise<FailureCode | 'done'> =>
  attempt.then(
    () => 'done' as const,
    (error) => {
      if (error instanceof Refusal) return error.code
      throw error
    },
  )

describe('tokens', () => {
  let state: string
  let now = 0
  const options = (more: Partial<AuthOptions> = {}): AuthOptions => ({
    state,
    log: () => undefined,
    tokenIdleMs: 12 * HOUR,
    tokenMs: 30 * 24 * HOUR,
    exposed: false,
    noAuth: false,
    passwordNeeded: false,
    now: () => now,
    ...more,
  })
  const opened = async (more: Partial<AuthOptions> = {}) => {
    await keepPassword(state, password)
    return Auth.open(options(more))
  }
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'fairlead-test-'))
    now = 0
  })
  afterEach(() => rm(state, { recursive: true, force: true }))

  test('A-TOK-01 a thousand tokens differ and have 32 bytes', async () => {
    const auth = await opened()
    const tokens = Array.from({ length: 1000 }, () => auth.issue())
    expect(new Set(tokens).size).toBe(1000)
    for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(tokens.map((token) => auth.verify(token)?.tokenId)).size).toBe(1000)
    auth.close()
  })

  test('A-TOK-03 a token ends unused, and at last however much it is used', async () => {
    const auth = await opened()
    const token = auth.issue()
    now += 12 * HOUR - 1
    expect(auth.verify(token)).toBeDefined()
    now += 12 * HOUR
    expect(auth.verify(token)).toBeUndefined()

    const busy = auth.issue()
    const { tokenId = '' } = auth.verify(busy) ?? {}
    for (let hour = 0; hour < 30 * 24 - 1; hour += 1) {
      now += HOUR
      auth.touch(tokenId)
    }
    expect(auth.verify(busy)).toBeDefined()
    now += HOUR
    expect(auth.verify(busy)).toBeUndefined()
    auth.touch(tokenId)
    expect(auth.holds({ principal: 'owner', tokenId })).toBe(false)
    auth.close()
  })

  test('A-TOK-03 a restart ends all tokens and keeps the password', async () => {
    const auth = await opened()
    const token = auth.issue()
    auth.close()
    const again = await Auth.open(options())
    expect(again.passwordSet).toBe(true)
    expect(again.verify(token)).toBeUndefined()
    expect(await codeOf(again.login(password, 'peer'))).toBe('done')
    again.close()
  })

  test('A-TOK-05 the state directory holds a salted hash, for the owner only', async () => {
    const own = join(state, 'made/by/it')
    const auth = await Auth.open(options({ state: own }))
    await auth.setOwnPassword(password)
    auth.issue()
    expect(await readdir(own)).toEqual(['password.json'])
    const text = await readFile(join(own, 'password.json'), 'utf8')
    expect(text).not.toContain(password)
    expect(JSON.parse(text)).toMatchObject({ kdf: 'scrypt', N: 2 ** 15, r: 8, p: 3 })
    expect((await stat(join(own, 'password.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(own)).mode & 0o777).toBe(0o700)
    auth.close()
  })

  test('A-PWD-05 changes leave a whole hash, whenever the file is read', async () => {
    const auth = await opened()
    const hashes = new Set<string>()
    let changing = true
    const reader = (async () => {
      while (changing) hashes.add(JSON.parse(await readFile(join(state, 'password.json'), 'utf8')).hash)
    })()
    for (const next of [otherPassword, password, otherPassword]) await auth.setOwnPassword(next)
    changing = false
    await reader
    expect(hashes.size).toBeGreaterThanOrEqual(2)
    auth.close()
  })

  test.each(['', '{}', '{"kdf":"none"}', 'null', '{"kdf":"scrypt","N":32768,"r":8,"p":3,"salt":"YQ=="'])(
    'A-PWD-05 a password file with %j keeps the relay shut',
    async (text) => {
      await writeFile(join(state, 'password.json'), text)
      await expect(Auth.open(options())).rejects.toThrow('password.json')
    },
  )

  test('A-PWD-05 a password file that cannot be read keeps the relay shut', async () => {
    const auth = await opened()
    auth.close()
    await rm(join(state, 'password.json'))
    // Root may read any file, so a directory stands for one that may not be read.
    await mkdir(join(state, 'password.json'))
    await expect(Auth.open(options())).rejects.toThrow('EISDIR')
  })

  test('a password is the same however its letters are composed', async () => {
    const auth = await Auth.open(options())
    await auth.setOwnPassword('pa\u00dfwort-e\u0301')
    expect(await auth.check('pa\u00dfwort-\u00e9', 'peer')).toBe(true)
    auth.close()
  })

  test('A-BRU-01 five failures are free, then the wait doubles, also for tries side by side', async () => {
    const tries = new Tries()
    let tested = 0
    const wrong = async () => {
      tested += 1
      return false
    }
    const waits: number[] = []
    await Promise.all(
      Array.from({ length: 50 }, () =>
        tries.run('192.0.2.1', wrong).catch((error: { retryAfter: number }) => waits.push(error.retryAfter)),
      ),
    )
    expect(tested).toBe(5)
    expect(waits).toHaveLength(45)
    expect(new Set(waits)).toEqual(new Set([1]))
    await expect.poll(() => tries.run('192.0.2.1', wrong).catch(() => 'wait'), { timeout: 5000 }).toBe(false)
    await expect(tries.run('192.0.2.1', wrong)).rejects.toMatchObject({ code: 'too-many-requests', retryAfter: 2 })
    expect(tested).toBe(6)
    expect(await tries.run('192.0.2.2', async () => true)).toBe(true)
  })

  test('A-BRU-01 the right password clears the count; an IPv6 /64 counts as one', async () => {
    const tries = new Tries()
    for (let round = 0; round < 3; round += 1) {
      for (let wrong = 0; wrong < 4; wrong += 1) expect(await tries.run('2001:db8::1', async () => false)).toBe(false)
      expect(await tries.run('2001:db8::2', async () => true)).toBe(true)
    }
    for (let wrong = 0; wrong < 5; wrong += 1) await tries.run(`2001:db8::${wrong}`, async () => false)
    await expect(tries.run('2001:db8::ffff', async () => true)).rejects.toThrow('Too many tries')
    expect(await tries.run('2001:db8:0:1::1', async () => true)).toBe(true)
    for (let wrong = 0; wrong < 5; wrong += 1) await tries.run('::ffff:192.0.2.9', async () => false)
    await expect(tries.run('192.0.2.9', async () => true)).rejects.toThrow('Too many tries')
  })

  test('A-BRU-02 hashing is bounded: too many at once are refused, not queued', async () => {
    const auth = await opened()
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, index) => codeOf(auth.login(wrongPassword, `192.0.2.${index}`))),
    )
    expect(outcomes.filter((outcome) => outcome === 'too-many-requests').length).toBe(12)
    expect(outcomes.filter((outcome) => outcome === 'wrong-password').length).toBe(18)
    expect(await codeOf(auth.login(password, '198.51.100.1'))).toBe('done')
    auth.close()
  })

  test('A-PWD-06 of two changes at once one wins and the other is told', async () => {
    const auth = await opened()
    const change = (newPassword: string) =>
      codeOf(auth.setPassword({ currentPassword: password, newPassword }, { peer: 'a' }))
    const outcomes = await Promise.all([change(otherPassword), change('another-password')])
    expect(outcomes.toSorted()).toEqual(['done', 'password-set'])
    auth.close()
  })

  test('the readable secret has 20 letters that are not mistaken for others', () => {
    const secrets = Array.from({ length: 200 }, readableSecret)
    for (const secret of secrets) expect(secret).toMatch(/^([a-hjkmnp-z2-9]{4}-){4}[a-hjkmnp-z2-9]{4}$/)
    expect(new Set(secrets).size).toBe(200)
  })
})

describe('over HTTP', () => {
  const login = async (relay: TestRelay, text: string = password) =>
    (await post(relay.port, '/api/auth/login', { password: text })).json().token
  const logout = (relay: TestRelay, token: string) =>
    post(relay.port, '/api/auth/logout', {}, { headers: bearer(token) })

  test('A-TOK-01 a login answers with a token, sets no cookie and is not stored', async () => {
    const relay = await start({}, { password })
    const answer = await post(relay.port, '/api/auth/login', { password })
    expect(answer.json()).toEqual({ success: true, token: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers.vary).toContain('Origin')
    const status = await ask(relay.port, '/api/auth/status')
    expect(status.json()).toEqual({ passwordEnabled: true })
  })

  test('A-TOK-03 logout, set-password and remove-password end tokens and their sockets, and say why', async () => {
    const relay = await start({}, { password })
    const [first, second, third] = [await login(relay), relay.auth.issue(), relay.auth.issue()]
    const sockets = await Promise.all(
      [first, second, third].map(async (token) => {
        const socket = openSocket(relay.url, token)
        await connected(socket)
        return {
          socket,
          told: once<{ code: string; message: string }>(socket, 'ssh-error'),
          gone: once(socket, 'disconnect'),
        }
      }),
    )
    expect((await logout(relay, first)).status).toBe(200)
    expect(await sockets[0]?.told).toMatchObject({ code: 'login-required', message: 'This login was ended' })
    await sockets[0]?.gone
    expect((await logout(relay, first)).status).toBe(401)
    expect(sockets[1]?.socket.connected).toBe(true)

    const changed = await post(
      relay.port,
      '/api/auth/set-password',
      { currentPassword: password, newPassword: otherPassword },
      { headers: bearer(second) },
    )
    expect(changed.status).toBe(200)
    expect(await sockets[2]?.told).toMatchObject({ message: "The relay's password was changed" })
    await sockets[2]?.gone
    // A-PWD-03: the caller goes on with a new token, and its sockets live.
    const renewed = changed.json().token
    expect(sockets[1]?.socket.connected).toBe(true)
    expect((await logout(relay, second)).status).toBe(401)
    expect((await post(relay.port, '/api/auth/login', { password })).status).toBe(401)

    const removed = await post(
      relay.port,
      '/api/auth/remove-password',
      { currentPassword: otherPassword },
      { headers: bearer(renewed) },
    )
    expect(removed.json()).toEqual({ success: true })
    await sockets[1]?.gone
    expect((await ask(relay.port, '/api/auth/status')).json()).toEqual({ passwordEnabled: false })
    const open = openSocket(relay.url)
    await connected(open)
    open.disconnect()
    expect(relay.events.map((line) => line.event)).toEqual(expect.arrayContaining(['password-set', 'password-removed']))
  })

  test('A-TOK-03 a socket is closed when its token is too old, though nobody shows it any more', async () => {
    const relay = await start({ limits: { tokenMs: 1500 } }, { password })
    const socket = openSocket(relay.url, relay.auth.issue())
    await connected(socket)
    expect(await once(socket, 'ssh-error')).toMatchObject({ code: 'login-required', message: 'This login has expired' })
    await expect.poll(() => socket.connected).toBe(false)
  })

  test('A-TOK-04 a token counts in the header, and in a handshake; nowhere else', async () => {
    const relay = await start({}, { password })
    const token = relay.auth.issue()
    const places: [string, Record<string, string>][] = [
      [`/api/auth/logout?token=${token}`, {}],
      [`/api/auth/logout/${token}`, {}],
      ['/api/auth/logout', { Cookie: `token=${token}` }],
      ['/api/auth/logout', { 'X-Token': token }],
      ['/api/auth/logout', { Authorization: token }],
      ['/api/auth/logout', { Authorization: `Basic ${token}` }],
    ]
    for (const [path, headers] of places) {
      expect((await post(relay.port, path, {}, { headers })).status, JSON.stringify([path, headers])).toBe(401)
    }
    for (const transports of [['websocket'], ['polling']]) {
      const inQuery = openSocket(relay.url, undefined, { query: { token }, transports })
      await connected(inQuery)
      inQuery.disconnect()
    }
    expect(
      (await refused(openSocket(relay.url, undefined, { extraHeaders: { Cookie: `token=${token}` } }))).data?.code,
    ).toBe('login-required')
    expect((await refused(openSocket(relay.url, undefined, { extraHeaders: bearer(token) }))).data?.code).toBe(
      'login-required',
    )
    expect(relay.logText()).not.toContain(token)
  })

  test('A-TOK-04 --no-query-token refuses it in the query, even beside the right place', async () => {
    const relay = await start({ noQueryToken: true }, { password })
    const token = relay.auth.issue()
    expect((await refused(openSocket(relay.url, undefined, { query: { token } }))).data?.code).toBe('login-required')
    expect((await refused(openSocket(relay.url, token, { query: { token } }))).data?.code).toBe('login-required')
    const socket = openSocket(relay.url, token)
    await connected(socket)
    socket.disconnect()
  })

  test('A-TOK-06 whatever is wrong with a token, the answer is the same to the letter', async () => {
    const [relay, other] = await Promise.all([start({}, { password }), start({}, { password })])
    const ended = relay.auth.issue()
    await logout(relay, ended)
    const foreign = other.auth.issue()
    const wrong = [
      undefined,
      '',
      'x',
      '0'.repeat(64),
      foreign,
      foreign.toUpperCase(),
      ended,
      `${foreign}0`,
      relay.auth.setUpCode ?? 'code',
    ]
    const bodies = new Set<string>()
    for (const token of wrong) {
      for (const { method, path, open } of Object.values(routes)) {
        if (open) continue
        const headers = { 'Content-Type': 'application/json', ...(token !== undefined && bearer(token)) }
        const answer = await ask(relay.port, path, { method, headers, body: '{}' })
        expect(answer.status).toBe(401)
        bodies.add(answer.body)
      }
      const socket = await refused(openSocket(relay.url, token))
      expect(socket.data?.code).toBe('login-required')
      bodies.add(JSON.stringify({ success: false, error: socket.message, failure: socket.data }))
    }
    expect(bodies.size).toBe(1)
  })

  test('A-BRU-01 one address is held off with 429 and Retry-After, another logs in', async () => {
    const relay = await start({}, { password })
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(relay.port, '/api/auth/login', { password: wrongPassword })),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
    const held = answers.filter(({ status }) => status === 429)
    expect(held).toHaveLength(5)
    for (const answer of held) expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect((await post(relay.port, '/api/auth/login', { password }, { from: '127.0.0.2' })).status).toBe(200)
  })

  test('A-BRU-04 nothing but a small flat JSON object of strings is hashed', async () => {
    const relay = await start({}, { password })
    const json = { 'Content-Type': 'application/json' }
    const send = async (body: string, headers: Record<string, string> = json) =>
      (await ask(relay.port, '/api/auth/login', { method: 'POST', headers, body })).status
    const large = JSON.stringify({ password: 'x'.repeat(1024 * 1024) })
    expect(await send(large)).toBe(413)
    expect(await send(large, { ...json, 'Transfer-Encoding': 'chunked' })).toBe(413)
    expect(await send(`{"password":"${'x'.repeat(2000)}"}`)).toBe(400)
    expect(await send(`${'['.repeat(8000)}${']'.repeat(8000)}`)).toBe(400)
    expect(await send(`{"password":"${password}","password":"${password}"}`)).toBe(400)
    expect(await send(`{"password":"${password}","extra":"x"}`)).toBe(400)
    expect(await send(`{"password":"${password}","__proto__":"x"}`)).toBe(400)
    for (const value of ['["a"]', '{"a":1}', '1', 'null', 'true']) expect(await send(`{"password":${value}}`)).toBe(400)
    for (const body of ['', '{', 'null', '[]', '"text"', '{}', '\u0000']) expect(await send(body)).toBe(400)
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/jsonp',
      '',
    ]) {
      expect(await send(`{"password":"${password}"}`, { 'Content-Type': type })).toBe(415)
    }
    expect(await send(`{"password":"${password}"}`, { 'Content-Type': 'Application/JSON; charset=utf-8' })).toBe(200)
    expect(relay.events.filter((line) => line.event === 'login-failed')).toEqual([])
  })

  test('A-PWD-01 a relay that others reach is set up with the code of its console, once, and lets nobody in before', async () => {
    const relay = await start({ bind: '0.0.0.0' })
    const code = relay.auth.setUpCode ?? ''
    expect((await ask(relay.port, '/api/auth/status')).json()).toEqual({ passwordEnabled: false, setUp: true })
    expect((await refused(openSocket(relay.url))).data?.code).toBe('set-up-required')
    const set = (value: object) => post(relay.port, '/api/auth/set-password', value)
    expect((await post(relay.port, '/api/auth/login', { password })).status).toBe(403)
    expect((await post(relay.port, '/api/auth/remove-password', { currentPassword: '' })).status).toBe(403)
    expect((await set({ newPassword: password })).status).toBe(403)
    expect((await set({ newPassword: password, setUpCode: 'aaaa-aaaa-aaaa-aaaa-aaaa' })).status).toBe(403)
    expect((await set({ newPassword: 'short', setUpCode: code })).json().failure.code).toBe('weak-password')
    const done = await set({ newPassword: password, setUpCode: code })
    expect(done.json()).toEqual({ success: true, token: expect.any(String) })
    expect((await set({ newPassword: otherPassword, setUpCode: code })).status).toBe(401)
    const socket = openSocket(relay.url, done.json().token)
    await connected(socket)
    socket.disconnect()
    expect(relay.logText()).not.toContain(code)
  })

  test('A-PWD-01 guesses of the set-up code are counted like guesses of a password', async () => {
    const relay = await start({ bind: '0.0.0.0' })
    const answers = await Promise.all(
      Array.from({ length: 7 }, (_, index) =>
        post(relay.port, '/api/auth/set-password', { newPassword: password, setUpCode: `guess-${index}` }),
      ),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([403, 403, 403, 403, 403, 429, 429])
  })

  test('A-PWD-01 on loopback the first password needs no code, but no foreign page may set it', async () => {
    const relay = await start()
    const foreign = await post(
      relay.port,
      '/api/auth/set-password',
      { newPassword: password },
      { headers: { Origin: 'https://evil.example' } },
    )
    expect(foreign.status).toBe(403)
    const socket = openSocket(relay.url)
    await connected(socket)
    const gone = once(socket, 'disconnect')
    expect((await post(relay.port, '/api/auth/set-password', { newPassword: password })).status).toBe(200)
    await gone
    expect((await refused(openSocket(relay.url))).data?.code).toBe('login-required')
  })

  test('A-PWD-02 a change wants the current password as a string, and failures count like logins', async () => {
    const relay = await start({}, { password })
    const headers = bearer(relay.auth.issue())
    const set = async (value: unknown) => (await post(relay.port, '/api/auth/set-password', value, { headers })).status
    for (const currentPassword of [[password], { a: 1 }, 1, null, true]) {
      expect(await set({ currentPassword, newPassword: otherPassword })).toBe(400)
      const removal = await post(relay.port, '/api/auth/remove-password', { currentPassword }, { headers })
      expect(removal.status).toBe(400)
    }
    expect(await set({ currentPassword: password, newPassword: 'short' })).toBe(400)
    expect(await set({ newPassword: otherPassword })).toBe(401)
    const mixed = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        index % 2 === 0
          ? set({ currentPassword: wrongPassword, newPassword: otherPassword })
          : post(relay.port, '/api/auth/login', { password: wrongPassword }).then(({ status }) => status),
      ),
    )
    expect(mixed.toSorted()).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  })

  test('A-PWD-04 the password stays where others reach the relay, and where the host runs', async () => {
    const relay = await start({ bind: '0.0.0.0' }, { password })
    const remove = async (on: TestRelay) =>
      post(on.port, '/api/auth/remove-password', { currentPassword: password }, { headers: bearer(on.auth.issue()) })
    expect((await remove(relay)).status).toBe(403)
    expect((await remove(relay)).json().failure.code).toBe('password-needed')
    expect(relay.auth.passwordSet).toBe(true)
    const free = await start({ bind: '0.0.0.0', noAuth: true, state: relay.config.state })
    expect((await remove(free)).status).toBe(200)
  })

  test('a relay of which nobody knows a password answers a login with 400', async () => {
    const relay = await start()
    expect((await post(relay.port, '/api/auth/login', { password: wrongPassword })).status).toBe(400)
    expect((await post(relay.port, '/api/auth/remove-password', { currentPassword: wrongPassword })).status).toBe(400)
  })

  test('R-VAL-08 a request that never ends its headers is closed, and one with too many is refused', async () => {
    const relay = await start({ limits: { handshakeMs: 300 } })
    expect(await raw(relay.port, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')).toMatch(/^HTTP\/1\.1 408 /)
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`X-${index}`, 'x']))
    expect((await ask(relay.port, '/api/auth/status', { headers: many })).status).toBe(413)
    const upgrade = Object.entries({
      ...many,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    })
    const text = upgrade.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    expect(
      await raw(
        relay.port,
        `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${relay.port}\r\n${text}\r\n`,
      ),
    ).toMatch(/^HTTP\/1\.1 413 /)
  })
})
