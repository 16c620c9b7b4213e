import { connect } from 'node:net'
import { io } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, ask, bearer, post, raw } from '../harness/http.ts'
import { canaries, startTestRelay, type TestRelay } from '../harness/relay.ts'
import { connected, openSocket, refused } from '../harness/socket.ts'

const { password } = canaries
const LISTED = 'https://good.example'
const LISTED_EXTENSION = 'chrome-extension://abcdefghijklmnopabcdefghijklmnop'
const EXTENSION = 'chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba'
const FIREFOX = 'moz-extension://0d5b3f0e-1d2c-4b3a-9f8e-7a6b5c4d3e2f'

const POLLING = '/socket.io/?EIO=4&transport=polling'
const upgradeOf = (port: number, headers: Record<string, string>) => {
  const all = {
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
  }
  return Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}
/** One masked text frame of RFC 6455, shorter than 126 bytes. */
function frameOf(text: string): Buffer {
  const mask = Buffer.from([1, 2, 3, 4])
  const payload = Buffer.from(text).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload])
}

/** The texts of the frames that a server sent. */
function textsIn(bytes: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 0x7f
    const start = short === 126 ? at + 4 : at + 2
    const end = start + (short === 126 ? bytes.readUInt16BE(at + 2) : short)
    if (((bytes[at] ?? 0) & 0x0f) === 1) texts.push(bytes.toString('utf8', start, end))
    at = end
  }
  return texts
}

/** The status line of a WebSocket upgrade that is refused. */
const upgrade = async (port: number, headers: Record<string, string>) =>
  (await raw(port, `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${upgradeOf(port, headers)}\r\n`)).split(
    ' ',
  )[1]

const running: TestRelay[] = []
const start = async (...given: Parameters<typeof startTestRelay>) => {
  const relay = await startTestRelay(...given)
  running.push(relay)
  return relay
}
afterEach(async () => {
  for (const relay of running.splice(0)) await relay.close()
})

describe('A-ORG-01 origins', () => {
  let relay: TestRelay
  let token: string
  beforeAll(async () => {
    relay = await startTestRelay({ allowOrigin: [LISTED, LISTED_EXTENSION] }, { password })
    token = relay.auth.issue()
  })
  afterAll(() => relay.close())

  const everywhere = async (headers: Record<string, string>): Promise<Answer[]> => [
    await ask(relay.port, '/api/auth/status', { headers }),
    await post(relay.port, '/api/auth/login', { password: canaries.wrongPassword }, { headers }),
    await post(relay.port, '/api/auth/logout', {}, { headers: { ...headers, ...bearer(token) } }),
    await ask(relay.port, POLLING, { headers }),
    await ask(relay.port, '/api/auth/login', {
      method: 'OPTIONS',
      headers: { ...headers, 'Access-Control-Request-Method': 'POST' },
    }),
    await ask(relay.port, POLLING, {
      method: 'OPTIONS',
      headers: { ...headers, 'Access-Control-Request-Method': 'GET' },
    }),
  ]

  test.each([
    'null',
    'https://evil.example',
    `${LISTED}.evil`,
    'http://good.example',
    `${LISTED}:444`,
    'https://sub.good.example',
    'https://GOOD.example',
    `${LISTED}/`,
    'http://127.0.0.1:1',
    'http://127.0.0.1',
    'https://127.0.0.1',
    'http://localhost:8022',
    'chrome-extension://short',
    'chrome-extension://evil/abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://evil',
    'file://',
    '*',
    '',
  ])('%j is refused for REST, polling and WebSocket, and never reflected', async (origin) => {
    for (const answer of await everywhere({ Origin: origin })) {
      expect(answer.status).toBe(403)
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
    }
    expect(await upgrade(relay.port, { Origin: origin })).toBe('403')
  })

  test.each(['cross-site', 'same-site'])('no Origin, but Sec-Fetch-Site %s: another site asks', async (site) => {
    for (const answer of await everywhere({ 'Sec-Fetch-Site': site })) expect(answer.status).toBe(403)
    expect(await upgrade(relay.port, { 'Sec-Fetch-Site': site })).toBe('403')
  })

  test('no Origin and no word of another site: let in, with the token', async () => {
    for (const headers of [{}, { 'Sec-Fetch-Site': 'same-origin' }, { 'Sec-Fetch-Site': 'none' }] as Record<
      string,
      string
    >[]) {
      expect((await ask(relay.port, '/api/auth/status', { headers })).status).toBe(200)
      expect((await ask(relay.port, POLLING, { headers })).status).toBe(200)
    }
    expect((await refused(openSocket(relay.url))).data?.code).toBe('login-required')
  })

  test.each([() => new URL(relay.url).origin, () => LISTED, () => LISTED_EXTENSION, () => EXTENSION, () => FIREFOX])(
    'own, listed and extension origins are let in with the token, on both transports, and not without',
    async (origin) => {
      const extraHeaders = { Origin: origin() }
      for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
        const socket = openSocket(relay.url, token, { extraHeaders, transports })
        await connected(socket)
        socket.disconnect()
        const without = openSocket(relay.url, undefined, { extraHeaders, transports })
        expect((await refused(without)).data?.code).toBe('login-required')
        without.disconnect()
      }
      const pairing = await post(relay.port, '/api/auth/login', { password }, { headers: extraHeaders })
      expect(pairing.status).toBe(200)
    },
  )

  test('A-ORG-03 CORS names the origin that was listed, and nothing else', async () => {
    for (const origin of [LISTED, LISTED_EXTENSION, FIREFOX]) {
      const preflight = await ask(relay.port, '/api/auth/login', {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'content-type,authorization',
          'Access-Control-Request-Private-Network': 'true',
        },
      })
      expect(preflight.status).toBe(204)
      expect(preflight.headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-private-network': 'true',
        vary: 'Origin',
      })
      expect(String(preflight.headers['access-control-allow-headers'])).toContain('Authorization')
      for (const answer of [
        await ask(relay.port, '/api/auth/status', { headers: { Origin: origin } }),
        await post(relay.port, '/api/auth/logout', {}, { headers: { Origin: origin } }),
        await ask(relay.port, POLLING, { headers: { Origin: origin } }),
      ]) {
        expect(answer.headers['access-control-allow-origin']).toBe(origin)
        expect(answer.headers.vary).toContain('Origin')
        expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
      }
    }
    const own = await ask(relay.port, '/api/auth/status', { headers: { Origin: new URL(relay.url).origin } })
    expect(own.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('A-ORG-04 a form of another site changes nothing, whatever it says it is', async () => {
    for (const path of ['login', 'logout', 'set-password', 'remove-password']) {
      const body = JSON.stringify({ password, currentPassword: password, newPassword: canaries.otherPassword })
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
        const headers = { 'Content-Type': type, ...bearer(token) }
        expect((await ask(relay.port, `/api/auth/${path}`, { method: 'POST', headers, body })).status).toBe(415)
        const foreign = { ...headers, Origin: 'https://evil.example' }
        expect((await ask(relay.port, `/api/auth/${path}`, { method: 'POST', headers: foreign, body })).status).toBe(
          403,
        )
      }
    }
    expect(await relay.auth.check(password, 'test')).toBe(true)
    expect(relay.auth.verify(token)).toBeDefined()
  })
})

test('A-ORG-01 without a password an extension is let in only where it is listed, and no page of another origin', async () => {
  const relay = await start({ allowOrigin: [LISTED_EXTENSION] })
  for (const origin of [EXTENSION, FIREFOX, 'https://evil.example']) {
    expect(await upgrade(relay.port, { Origin: origin })).toBe('403')
    expect((await ask(relay.port, POLLING, { headers: { Origin: origin } })).status).toBe(403)
    expect(
      (await post(relay.port, '/api/auth/set-password', { newPassword: password }, { headers: { Origin: origin } }))
        .status,
    ).toBe(403)
  }
  const socket = openSocket(relay.url, undefined, { extraHeaders: { Origin: LISTED_EXTENSION } })
  await connected(socket)
  socket.disconnect()
})

describe('A-ORG-02 Host', () => {
  const answers = async (relay: TestRelay, host: string) => {
    const headers = { Host: host }
    const statuses = [
      (await ask(relay.port, '/api/auth/status', { headers })).status,
      (await ask(relay.port, POLLING, { headers })).status,
      (await ask(relay.port, '/', { headers })).status,
      Number(await upgrade(relay.port, { ...headers, Origin: 'https://evil.example' })),
    ]
    return statuses
  }

  test('without a password only loopback names reach it: a rebound name sees nothing', async () => {
    const relay = await start()
    const { port } = relay
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.',
      'localhost.evil.example',
      '10.0.0.1',
      `0.0.0.0:${port}`,
      '169.254.1.1',
      '[::]',
      'user@localhost',
      'localhost/x',
      '127.1',
    ]) {
      // A rebound page is of the origin that its name has: its own origin, as far as the browser knows.
      for (const status of await answers(relay, host)) expect([400, 421], host).toContain(status)
      expect([400, 421]).toContain(
        (await ask(port, '/api/auth/status', { headers: { Host: host, Origin: `http://${host}` } })).status,
      )
    }
    for (const host of ['localhost', `127.0.0.1:${port}`, '127.0.0.2', `[::1]:${port}`, `LOCALHOST:${port}`]) {
      expect((await ask(port, '/api/auth/status', { headers: { Host: host } })).status, host).toBe(200)
    }
  })

  test('--public-origin narrows it to what is listed', async () => {
    const relay = await start({ publicOrigin: [LISTED, 'http://relay.lan:8022'] }, { password })
    expect(relay.url).toBe(`${LISTED}/`)
    expect(await answers(relay, 'evil.example')).toEqual([421, 421, 421, 421])
    expect(await answers(relay, `127.0.0.1:${relay.port}`)).toEqual([421, 421, 421, 421])
    expect((await ask(relay.port, '/api/auth/status', { headers: { Host: 'relay.lan:8022' } })).status).toBe(200)
    expect(
      (await ask(relay.port, '/api/auth/status', { headers: { Host: 'relay.lan:8022', Origin: LISTED } })).status,
    ).toBe(200)
  })

  test('with a password any name may stand for it, and its page is its own origin', async () => {
    const relay = await start({}, { password })
    const headers = { Host: 'relay.example', Origin: 'http://relay.example' }
    expect((await ask(relay.port, '/api/auth/status', { headers })).status).toBe(200)
    expect(
      (await ask(relay.port, '/api/auth/status', { headers: { ...headers, Origin: 'https://relay.example' } })).status,
    ).toBe(403)
  })

  test('with --no-auth off loopback an address will do, a name must be listed', async () => {
    const relay = await start({ bind: '0.0.0.0', noAuth: true })
    expect((await ask(relay.port, '/api/auth/status', { headers: { Host: '192.0.2.1' } })).status).toBe(200)
    expect((await ask(relay.port, '/api/auth/status', { headers: { Host: 'evil.example' } })).status).toBe(421)
  })
})

describe('A-PRX-01 proxies', () => {
  const forged = {
    'X-Forwarded-For': '127.0.0.1',
    'X-Real-IP': '127.0.0.1',
    Forwarded: 'for=127.0.0.1;host=localhost;proto=https',
    'X-Forwarded-Host': 'localhost',
    'X-Forwarded-Proto': 'https',
  }

  test('what an untrusted peer says of itself is ignored', async () => {
    const relay = await start({ trustProxy: ['127.0.0.9'] }, { password })
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => {
        const headers = { ...forged, 'X-Forwarded-For': `192.0.2.${index}` }
        return post(relay.port, '/api/auth/login', { password: canaries.wrongPassword }, { headers })
      }),
    )
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3)
    expect((await ask(relay.port, '/', { headers: forged })).headers['strict-transport-security']).toBeUndefined()
    const peers = relay.events.filter((line) => line.event === 'login-failed').map((line) => line.peer)
    expect(new Set(peers)).toEqual(new Set(['127.0.0.1']))
  })

  test('a forged Host does not open a relay without a password', async () => {
    const relay = await start()
    expect((await ask(relay.port, '/api/auth/status', { headers: { Host: 'evil.example', ...forged } })).status).toBe(
      421,
    )
  })

  test('a trusted one is believed: client, name and scheme; the client cannot put words before it', async () => {
    const relay = await start({ trustProxy: ['127.0.0.0/30', '192.0.2.250'] }, { password })
    const by = (client: string) => ({
      Host: 'internal',
      'X-Forwarded-For': client,
      'X-Forwarded-Host': 'relay.example',
      'X-Forwarded-Proto': 'https',
      Origin: 'https://relay.example',
    })
    const status = await ask(relay.port, '/api/auth/status', { headers: by('198.51.100.1') })
    expect(status.status).toBe(200)
    expect(status.headers['strict-transport-security']).toContain('max-age=')
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => {
        // The client forged the first entry; the proxies wrote the others.
        const headers = by(`203.0.113.${index}, 198.51.100.1, 192.0.2.250`)
        return post(relay.port, '/api/auth/login', { password: canaries.wrongPassword }, { headers })
      }),
    )
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3)
    expect((await post(relay.port, '/api/auth/login', { password }, { headers: by('198.51.100.2') })).status).toBe(200)
    expect(relay.events.find((line) => line.event === 'login-failed')?.peer).toBe('198.51.100.1')
  })
})

describe('A-WS-01 raw sockets', () => {
  let relay: TestRelay
  beforeAll(async () => {
    relay = await startTestRelay({}, { password })
  })
  afterAll(() => relay.close())

  /** Opens a WebSocket, sends what is given once it is open, and waits until the relay closes it. */
  const speak = (frames: string[]) =>
    new Promise<string[]>((settle, reject) => {
      let heard = Buffer.alloc(0)
      const socket = connect({ host: '127.0.0.1', port: relay.port })
      socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${upgradeOf(relay.port, {})}\r\n`)
      socket.once('data', () => socket.write(Buffer.concat(frames.map(frameOf))))
      socket.on('data', (data) => {
        heard = Buffer.concat([heard, data])
        // The last frame of a server that closes; whoever answers it, or goes, is let go.
        if (data.includes(0x88)) socket.end()
      })
      socket.on('error', reject)
      socket.on('close', () => settle(textsIn(heard.subarray(heard.indexOf('\r\n\r\n') + 4))))
    })

  test('events without a handshake, with a wrong token or in another namespace reach nobody, and the socket is closed', async () => {
    const event = '42["ssh-connect",{"sessionId":"s","host":"127.0.0.1","username":"u"}]'
    const [silent, eager, pushing, wrong, elsewhere] = await Promise.all([
      speak([]),
      speak([event]),
      speak(['40{"token":"00"}', event]),
      speak(['40{"token":"00"}']),
      speak(['40/admin,{"token":"00"}']),
    ])
    expect(silent).toHaveLength(1)
    expect(eager).toHaveLength(1)
    expect(pushing).toHaveLength(1)
    expect(wrong?.[1]).toMatch(/^44\{.*login-required/)
    expect(elsewhere?.[1]).toMatch(/^44\/admin,\{"message":"Invalid namespace"/)
    for (const heard of [silent, eager, pushing, wrong, elsewhere]) expect(heard?.join('')).not.toContain('ssh-')
    await expect.poll(() => relay.dispatch.counts().sessions).toBe(0)
  })

  test('the protocol before this one is refused', async () => {
    expect((await ask(relay.port, '/socket.io/?EIO=3&transport=polling')).status).toBe(400)
    const answer = await raw(
      relay.port,
      `GET /socket.io/?EIO=3&transport=websocket HTTP/1.1\r\n${upgradeOf(relay.port, {})}\r\n`,
    )
    expect(answer).toMatch(/HTTP\/1\.1 400 Bad Request\r\n(.*\r\n)*Unsupported protocol version$/)
  })

  test('an upgrade elsewhere is refused', async () => {
    for (const path of ['/', '/socket.io', '/api/auth/status', '/other/?EIO=4&transport=websocket']) {
      const answer = await raw(relay.port, `GET ${path} HTTP/1.1\r\n${upgradeOf(relay.port, {})}\r\n`)
      expect(answer, path).toMatch(/^HTTP\/1\.1 404 /)
    }
  })

  test('a socket whose token ends before it has upgraded is closed, and not upgraded', async () => {
    const token = relay.auth.issue()
    const socket = io(relay.url, { auth: { token }, transports: ['polling'], reconnection: false, forceNew: true })
    await connected(socket)
    const sid = socket.io.engine.id
    const gone = new Promise((settle) => socket.once('disconnect', settle))
    await post(relay.port, '/api/auth/logout', {}, { headers: bearer(token) })
    await gone
    // Its client says goodbye on a connection of its own, or the relay when it is asked next.
    await expect
      .poll(async () => (await ask(relay.port, `/socket.io/?EIO=4&transport=polling&sid=${sid}`)).status)
      .toBe(400)
    const answer = await raw(
      relay.port,
      `GET /socket.io/?EIO=4&transport=websocket&sid=${sid} HTTP/1.1\r\n${upgradeOf(relay.port, {})}\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('R-VAL-06 a message beyond the frame limit ends its socket and nothing else', async () => {
    const token = relay.auth.issue()
    const [large, other] = [openSocket(relay.url, token), openSocket(relay.url, token)]
    await Promise.all([connected(large), connected(other)])
    const gone = new Promise((settle) => large.once('disconnect', settle))
    large.emit('ssh-data', { sessionId: 's', data: 'x'.repeat(relay.config.limits.frame + 1) })
    await gone
    expect(other.connected).toBe(true)
    other.disconnect()
  })

  test('R-VAL-06 messages are never compressed on the way', async () => {
    const answer = await new Promise<string>((settle) => {
      const headers = upgradeOf(relay.port, {
        'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
        Connection: 'Upgrade',
      })
      const socket = connect({ host: '127.0.0.1', port: relay.port })
      socket.once('data', (data) => {
        socket.destroy()
        settle(data.toString('latin1'))
      })
      socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${headers}\r\n`)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 101 /)
    expect(answer).not.toMatch(/sec-websocket-extensions/i)
  })
})

test('A-WS-02 one address has its share of connections, and others still get in', async () => {
  const relay = await start({ limits: { socketsPerAddress: 3 } })
  const hold = () =>
    new Promise<{ end(): void; closed: Promise<void> }>((settle, reject) => {
      const socket = connect({ host: '127.0.0.1', port: relay.port, localAddress: '127.0.0.3' })
      const closed = new Promise<void>((done) => socket.once('close', () => done()))
      socket.on('error', () => undefined)
      socket.once('connect', () => settle({ end: () => socket.destroy(), closed }))
      socket.once('error', reject)
    })
  const held = [await hold(), await hold(), await hold()]
  await (await hold()).closed
  expect((await ask(relay.port, '/healthz')).status).toBe(200)
  held[0]?.end()
  await expect
    .poll(() =>
      ask(relay.port, '/healthz', { from: '127.0.0.3' }).then(
        ({ status }) => status,
        () => 'closed',
      ),
    )
    .toBe(200)
  for (const one of held) one.end()
})
