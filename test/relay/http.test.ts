import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RouteName, routes } from '../../shared/rest.ts'
import { certificate } from '../harness/certificate.ts'
import { ask, bearer, post, raw } from '../harness/http.ts'
import { canaries, startTestRelay, type TestRelay } from '../harness/relay.ts'
import { connected, openSocket } from '../harness/socket.ts'

const { password } = canaries
const script = `console.log(${JSON.stringify('x'.repeat(4096))})`
let app: string
let relay: TestRelay

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'fairlead-app-'))
  await mkdir(join(app, 'assets'))
  await Promise.all([
    writeFile(join(app, 'index.html'), '<!doctype html><title>Fairlead</title>'),
    writeFile(join(app, 'manifest.webmanifest'), '{"name":"Fairlead"}'),
    writeFile(join(app, 'sw.js'), 'self.x = 1'),
    writeFile(join(app, 'assets/main-abc123.js'), script),
    writeFile(join(app, 'assets/main-abc123.js.br'), brotliCompressSync(script)),
    writeFile(join(app, 'assets/plain-abc123.js'), script),
    writeFile(join(app, '.secret'), 'hidden'),
  ])
  relay = await startTestRelay({ app }, { password })
})
afterAll(async () => {
  await relay.close()
  await rm(app, { recursive: true, force: true })
})

describe('the API', () => {
  test('A-API-01 only status and login answer without a token; every other path and method wants one', async () => {
    const answers: Record<RouteName, number> = {
      status: 200,
      login: 401,
      logout: 401,
      'set-password': 401,
      'remove-password': 401,
    }
    for (const name of Object.keys(routes) as RouteName[]) {
      const { method, path } = routes[name]
      const body = method === 'POST' ? JSON.stringify({ password: canaries.wrongPassword }) : undefined
      const answer = await ask(relay.port, path, {
        method,
        headers: { 'Content-Type': 'application/json' },
        ...(body && { body }),
      })
      expect(answer.status, name).toBe(answers[name])
      expect(answer.headers['cache-control']).toBe('no-store')
      if (answer.status === 401)
        expect(answer.json().failure.code).toBe(name === 'login' ? 'wrong-password' : 'login-required')
    }
    for (const path of ['/api', '/api/', '/api/auth', '/api/auth/', '/api/sessions', '/api/auth/logout/x']) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
        const answer = await ask(relay.port, path, { method })
        expect([401, 404], `${method} ${path}`).toContain(answer.status)
        if (method !== 'HEAD') expect(answer.json().success).toBe(false)
      }
    }
    expect((await ask(relay.port, '/api/sessions', { headers: bearer(relay.auth.issue()) })).status).toBe(404)
  })

  test.each([
    '//api/auth/status',
    '/api//auth/status',
    '/API/auth/status',
    '/api/./auth/status',
    '/api/../api/auth/status',
    '/x/../api/auth/status',
    '/api%2fauth/status',
    '/api/auth%2Fstatus',
    '/%61pi/auth/status',
    '/api/auth/status;a',
    '/api/auth/status.',
    '/api/auth/status/',
    '/api/auth/status%00',
    '/api\\auth\\status',
    '/.secret',
    '/assets/..%2f.secret',
    '/assets/../.secret',
  ])('A-API-02 %s gives nothing', async (path) => {
    const answer = await raw(
      relay.port,
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${relay.port}\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 (40[014]) /)
    expect(answer).not.toContain('passwordEnabled')
    expect(answer).not.toContain('hidden')
  })

  test('A-API-02 other forms and methods give no more than the route', async () => {
    const send = (line: string, more = '') =>
      raw(relay.port, `${line} HTTP/1.1\r\nHost: 127.0.0.1:${relay.port}\r\nConnection: close\r\n${more}\r\n`)
    expect(await send(`GET http://127.0.0.1:${relay.port}/api/auth/status`)).toMatch(/^HTTP\/1\.1 404 /)
    expect(await send('GET http://evil.example/api/auth/status')).toMatch(/^HTTP\/1\.1 404 /)
    expect(await send('HEAD /api/auth/status')).toMatch(/^HTTP\/1\.1 200 .*\r\n(.+\r\n)*\r\n$/)
    expect(await send('OPTIONS /api/auth/login')).toMatch(/^HTTP\/1\.1 401 /)
    expect(await send('TRACE /api/auth/status')).toMatch(/^HTTP\/1\.1 (4\d\d|500) /)
    expect(await send('GET /api/auth/logout', 'X-HTTP-Method-Override: POST\r\n')).toMatch(/^HTTP\/1\.1 401 /)
    expect(await send('GET /api/auth/login', 'X-HTTP-Method-Override: POST\r\n')).toMatch(/^HTTP\/1\.1 40[14] /)
    expect(await send('DELETE /api/auth/status')).toMatch(/^HTTP\/1\.1 4\d\d /)
  })

  test('A-API-03 status says one thing', async () => {
    const answer = await ask(relay.port, '/api/auth/status')
    expect(answer.json()).toEqual({ passwordEnabled: true })
    expect(answer.headers.server).toBeUndefined()
    expect(answer.headers['x-powered-by']).toBeUndefined()
  })

  test('health is a word, under any name', async () => {
    const answer = await ask(relay.port, '/healthz', { headers: { Host: 'probe.internal' } })
    expect([answer.status, answer.body]).toEqual([200, 'ok'])
    // Else a page of another origin could not tell a relay that refuses it from one that is down.
    expect(answer.headers['cross-origin-resource-policy']).toBe('cross-origin')
  })
})

describe('the app', () => {
  test('C-CSP-01 every answer carries the policy', async () => {
    for (const path of [
      '/',
      '/open',
      '/sw.js',
      '/assets/plain-abc123.js',
      '/missing',
      '/api/auth/status',
      '/healthz',
    ]) {
      const { headers } = await ask(relay.port, path)
      const policy = String(headers['content-security-policy'])
      for (const part of [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval';",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]) {
        expect(policy, path).toContain(part)
      }
      expect(policy).not.toContain("'unsafe-eval'")
      expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
      })
      expect(headers['strict-transport-security']).toBeUndefined()
    }
  })

  test('C-CSP-01 scripts have one Trusted Types policy, and TLS is kept to', async () => {
    expect((await ask(relay.port, '/')).headers['content-security-policy']).toMatch(
      /require-trusted-types-for 'script'; trusted-types fairlead$/,
    )
    const directory = await mkdtemp(join(tmpdir(), 'fairlead-tls-'))
    const [tlsCert, tlsKey] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
    await Promise.all([writeFile(tlsCert, certificate.cert), writeFile(tlsKey, certificate.key)])
    const secure = await startTestRelay({ app, tlsCert, tlsKey })
    try {
      expect(secure.url).toMatch(/^https:/)
      const answer = await new Promise<IncomingMessage>((settle, reject) => {
        get(secure.url, { ca: certificate.cert, agent: false }, settle).on('error', reject)
      })
      answer.resume()
      expect(answer.statusCode).toBe(200)
      expect(answer.headers['strict-transport-security']).toBe('max-age=31536000')
      const socket = openSocket(secure.url, undefined, { ca: certificate.cert })
      await connected(socket)
      socket.disconnect()
    } finally {
      await secure.close()
      await rm(directory, { recursive: true })
    }
  })

  test('C-FRM-01 no page may frame it', async () => {
    const { headers } = await ask(relay.port, '/')
    expect(headers['x-frame-options']).toBe('DENY')
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
  })

  test('the page is asked for each time, hashed assets never again', async () => {
    for (const path of ['/', '/open', '/manifest.webmanifest', '/sw.js']) {
      const answer = await ask(relay.port, path)
      expect(answer.status, path).toBe(200)
      expect(answer.headers['cache-control'], path).toBe('no-cache')
    }
    const asset = await ask(relay.port, '/assets/plain-abc123.js')
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(asset.headers['content-type']).toMatch(/^text\/javascript/)
    expect((await ask(relay.port, '/open?target=ssh://me@host')).body).toContain('<title>Fairlead')
  })

  test('what is not there is 404, and not kept', async () => {
    for (const path of ['/missing', '/open/deeper', '/assets/missing-abc123.js', '/assets', '/assets/']) {
      const answer = await ask(relay.port, path)
      expect(answer.status, path).toBe(404)
      expect(answer.headers['cache-control'], path).toBe('no-store')
    }
    expect((await post(relay.port, '/', {})).status).toBe(404)
    // What other apps share is for the service worker; where that is not there yet, it is nobody's.
    expect((await post(relay.port, '/share', {})).status).toBe(404)
  })

  test('assets go compressed, from the build or on the way', async () => {
    const built = await ask(relay.port, '/assets/main-abc123.js', {
      headers: { 'Accept-Encoding': 'gzip, deflate, br' },
    })
    expect(built.headers['content-encoding']).toBe('br')
    const onTheWay = await fetch(new URL('/assets/plain-abc123.js', relay.url), {
      headers: { 'Accept-Encoding': 'gzip' },
    })
    expect(onTheWay.headers.get('content-encoding')).toBe('gzip')
    expect(await onTheWay.text()).toBe(script)
    expect((await ask(relay.port, '/assets/plain-abc123.js')).body).toBe(script)
  })

  test('without a built app only the API answers', async () => {
    const bare = await startTestRelay()
    try {
      expect((await ask(bare.port, '/')).status).toBe(404)
      expect((await ask(bare.port, '/api/auth/status')).status).toBe(200)
    } finally {
      await bare.close()
    }
  })
})
