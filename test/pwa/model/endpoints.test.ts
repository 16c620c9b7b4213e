import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readRelayAddress } from '../../../pwa/model/endpoints.ts'
import { type Browser, openBrowser, until } from '../../harness/browser.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'

const password = 'the password of the relay'

describe('a relay’s address', () => {
  it.each([
    ['127.0.0.1:8022', 'http://127.0.0.1:8022'],
    ['localhost:8022', 'http://localhost:8022'],
    ['[::1]:8022', 'http://[::1]:8022'],
    ['relay.example', 'https://relay.example'],
    ['relay.example:8443/app', 'https://relay.example:8443'],
    [' https://Relay.example/#token=abc ', 'https://relay.example'],
    ['http://127.0.0.1:8022/#token=abc', 'http://127.0.0.1:8022'],
  ])('%s is %s', (text, url) => {
    expect(readRelayAddress(text).url).toBe(url)
  })

  it('a launch URL carries its token', () => {
    expect(readRelayAddress('http://127.0.0.1:8022/#token=abc').launch.token).toBe('abc')
  })

  it.each(['', 'ssh://host', 'https://user:secret@relay.example', 'javascript:alert(1)', 'http://'])(
    '%j is none',
    (text) => {
      expect(() => readRelayAddress(text)).toThrow('This is not the address of a relay')
    },
  )
})

describe('relays', () => {
  let relay: TestRelay
  let open: TestRelay
  let browser: Browser

  beforeAll(async () => {
    relay = await startTestRelay({}, { password })
    open = await startTestRelay()
  })
  afterEach(() => browser.close())
  afterAll(async () => {
    await relay.close()
    await open.close()
  })

  it('the page’s own wants its password, is logged in to, and stays so after a reload', async () => {
    const name = randomUUID()
    browser = await openBrowser(name, { relay: relay.url })
    const own = await until(() => browser.app.endpoints.list.value[0])
    await until(() => own.link.state.value === 'login-required')
    expect(own.link.failure.value?.code).toBe('login-required')
    await expect(browser.app.endpoints.login(own.id, 'wrong')).rejects.toMatchObject({
      failure: { code: 'wrong-password' },
    })
    await browser.app.endpoints.login(own.id, password)
    await browser.online()
    await until(() => own.link.roundTrip.value !== undefined)
    await browser.close()
    browser = await openBrowser(name, { relay: relay.url })
    await browser.online()
  })

  it('the page’s own takes the token of its launch URL', async () => {
    browser = await openBrowser(randomUUID(), { relay: relay.url, token: await token() })
    await browser.online()
  })

  it('an old launch URL does not replace a good login, and a good one replaces an old login', async () => {
    const name = randomUUID()
    const good = await token()
    browser = await openBrowser(name, { relay: relay.url, token: good })
    await browser.online()
    await browser.close()
    browser = await openBrowser(name, { relay: relay.url, token: 'old' })
    await browser.online()
    expect(browser.app.store.endpoints.get('own')?.token).toBe(good)
    await browser.app.store.endpoints.update('own', (old) => ({ ...old, token: 'old' }))
    await browser.close()
    browser = await openBrowser(name, { relay: relay.url, token: good })
    await browser.online()
    expect(browser.app.store.endpoints.get('own')?.token).toBe(good)
  })

  it('several are added by password, without one, and by launch URL; each once', async () => {
    browser = await openBrowser(randomUUID())
    const { endpoints } = browser.app
    await endpoints.add(open.url)
    await endpoints.add(relay.url, password)
    await endpoints.add(`${relay.url}#token=${await token()}`)
    await until(() => endpoints.list.value.every(({ link }) => link.state.value === 'online'))
    expect(endpoints.list.value.map(({ url }) => url)).toEqual([new URL(open.url).origin, new URL(relay.url).origin])
    const second = endpoints.list.value[1]
    await endpoints.rename(second?.id ?? '', 'home')
    expect(endpoints.list.value[1]).toMatchObject({ label: 'home', own: false })
    expect(endpoints.list.value[1]?.link).toBe(second?.link)
    await endpoints.forget(second?.id ?? '')
    expect(endpoints.list.value).toHaveLength(1)
  })

  it('one whose login is ended asks for the password again', async () => {
    const own = await startTestRelay({}, { password })
    browser = await openBrowser(randomUUID(), { relay: own.url })
    const view = await until(() => browser.app.endpoints.list.value[0])
    await until(() => view.link.state.value === 'login-required')
    await browser.app.endpoints.login(view.id, password)
    await browser.online()
    await own.auth.setPassword({ currentPassword: password, newPassword: 'another password' }, {
      peer: 'test',
    } as never)
    await until(() => view.link.state.value === 'login-required')
    await own.close()
  })

  it('T-LNK-02 a launch for another relay connects nowhere and leaks no token', async () => {
    browser = await openBrowser(randomUUID(), {
      relay: open.url,
      platform: { launch: { relay: relay.url, token: 'not for you', target: 'evil' } },
    })
    await browser.online()
    expect(browser.app.endpoints.list.value).toHaveLength(1)
    expect(browser.app.store.endpoints.items.value[0]?.token).toBeUndefined()
    expect(browser.app.tabs.tabs.value).toEqual([])
  })

  it('C-RLY-02 a redirect is refused, and neither password nor token follows it', async () => {
    const had: string[] = []
    const thief = await serve((request) => had.push(`${request.url} ${request.headers.authorization ?? ''}`))
    const redirecting = await serve((_request, answer) => {
      answer.writeHead(307, { location: thief.url, 'access-control-allow-origin': '*' })
    })
    browser = await openBrowser(randomUUID())
    await expect(browser.app.endpoints.add(redirecting.url, 'secret')).rejects.toMatchObject({
      failure: { code: 'relay-unreachable' },
    })
    await browser.app.store.endpoints.put({ id: 'r', label: 'r', url: redirecting.url, token: 'secret', createdAt: 0 })
    await until(() => {
      const state = browser.app.endpoints.list.value[0]?.link.state.value
      return state === 'offline' || state === 'refused'
    })
    expect(had).toEqual([])
    redirecting.close()
    thief.close()
  })

  it('C-RLY-01 what answers in HTML is no relay', async () => {
    const other = await serve((_request, answer) => answer.end('<h1>Hello</h1>'))
    browser = await openBrowser(randomUUID())
    await expect(browser.app.endpoints.add(other.url)).rejects.toMatchObject({ failure: { code: 'not-a-relay' } })
    other.close()
  })

  it('is not reached without the browser’s permission', async () => {
    browser = await openBrowser(randomUUID(), { platform: { kind: 'extension', reach: async () => false } })
    await expect(browser.app.endpoints.add(open.url)).rejects.toMatchObject({ failure: { code: 'not-permitted' } })
    expect(browser.app.endpoints.list.value).toEqual([])
  })

  async function token(): Promise<string> {
    const response = await fetch(`${relay.url}api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password }),
    })
    return ((await response.json()) as { token: string }).token
  }
})

function serve(answer: (...of: Parameters<Parameters<typeof createServer>[1] & object>) => unknown) {
  return new Promise<{ url: string; close(): Server }>((resolve) => {
    const server = createServer((request, response) => {
      answer(request, response)
      response.end()
    })
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      resolve({ url: `http://127.0.0.1:${port}`, close: () => server.close() })
    })
  })
}
