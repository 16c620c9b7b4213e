import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../../harness/http.ts'
import { type PamSshd, startPamSshd } from '../../harness/pamSshd.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'
import { Webssh2Clients } from '../../harness/webssh2.ts'

let sshd: Sshd
let pam: PamSshd
let relay: TestRelay
const others: TestRelay[] = []
const clients = new Webssh2Clients()

beforeAll(async () => {
  ;[sshd, pam, relay] = await Promise.all([startSshd(), startPamSshd(), startTestRelay({ webssh2: true })])
})
afterEach(async () => {
  clients.close()
  for (const each of [relay, ...others])
    await expect.poll(() => each.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  await Promise.all(others.splice(0).map((other) => other.close()))
})
afterAll(() => Promise.all([relay.close(), sshd.close(), pam.close()]))

async function other(options: Parameters<typeof startTestRelay>[0]): Promise<TestRelay> {
  const one = await startTestRelay({ webssh2: true, ...options })
  others.push(one)
  return one
}

const disabled = (method: string) => ({ error: 'auth_method_disabled', method })

describe.each([4, 2] as const)('two factors of OpenSSH with PAM, by Socket.IO %i', (version) => {
  test('the password is answered for the client, the code is asked for', async () => {
    const one = await clients.open(relay.url, {}, version)
    one.authenticate(pam)
    const asked = await one.next('prompt')
    expect(asked.inputs).toEqual([{ id: 'prompt_0', label: 'Password: ', type: 'password', required: false }])
    one.send('prompt-response', { id: asked.id, action: 'submit', inputs: { prompt_0: pam.code } })
    await one.next('getTerminal')
    one.send('terminal', { cols: 80, rows: 24 })
    await one.shown('$ ')
    expect(one.names.filter((name) => name === 'prompt')).toHaveLength(1)
  })

  test('a key and then the code; a wrong code may be given again, and a cancelled one ends the login', async () => {
    const one = await clients.open(relay.url, {}, version)
    const before = pam.log().length
    one.authenticate(pam, { password: undefined, privateKey: pam.privateKey })
    const wrong = await one.next('prompt')
    one.send('prompt-response', { id: wrong.id, action: 'submit', inputs: { prompt_0: '000000' } })
    const again = await one.next('prompt')
    expect(again.id).not.toBe(wrong.id)
    one.send('prompt-response', { id: again.id, action: 'submit', inputs: { prompt_0: pam.code } })
    await one.next('getTerminal')
    const course = /Partial publickey[\s\S]*Failed keyboard-interactive[\s\S]*Accepted keyboard-interactive/
    await expect.poll(() => pam.log().slice(before)).toMatch(course)
    one.authenticate(pam, { password: undefined, privateKey: pam.privateKey })
    const { id } = await one.next('prompt')
    one.send('prompt-response', { id, action: 'cancel' })
    expect(await one.next('connection-error')).toMatchObject({ errorType: 'auth', canRetry: true })
  })

  test('every question is put where the client or the operator wants that', async () => {
    const forwarding = await other({ webssh2Prompts: true })
    for (const [url, more] of [
      [relay.url, { forwardAllKeyboardInteractivePrompts: true }],
      [forwarding.url, {}],
    ] as const) {
      const one = await clients.open(url, {}, version)
      await one.next('authentication', ({ action }) => action === 'request_auth')
      one.authenticate(pam, more)
      for (const answer of [pam.password, pam.code]) {
        const { id } = await one.next('prompt')
        one.send('prompt-response', { id, action: 'submit', inputs: { prompt_0: answer } })
      }
      await one.next('getTerminal')
    }
  })

  test('methods that the operator has closed: authFailure, and no connection or no more of it', async () => {
    const strict = await other({ webssh2Methods: ['publickey'] })
    const one = await clients.open(strict.url, {}, version)
    const before = sshd.log().length
    one.authenticate(sshd)
    expect(await one.next('authFailure')).toEqual(disabled('password'))
    expect(await one.next('authentication', ({ success }) => success === false)).toMatchObject({
      action: 'auth_result',
    })
    expect(sshd.log().slice(before)).toBe('')
    await one.shell(sshd, { password: undefined, privateKey: sshd.privateKey })
    one.authenticate(pam, { password: undefined, privateKey: pam.privateKey })
    expect(await one.next('authFailure')).toEqual(disabled('keyboard-interactive'))
    expect(await one.next('connection-error')).toMatchObject({ errorType: 'auth' })
    expect(JSON.parse((await ask(strict.port, '/ssh/config')).body).allowedAuthMethods).toEqual(['publickey'])

    const asking = await other({ webssh2Methods: ['keyboard-interactive'] })
    const two = await clients.open(asking.url, {}, version)
    two.authenticate(sshd, { privateKey: sshd.privateKey })
    expect(await two.next('authFailure')).toEqual(disabled('publickey'))
    // The password is for questions only: this server has none.
    two.authenticate(sshd)
    expect(await two.next('connection-error')).toMatchObject({ errorType: 'auth' })
    two.authenticate(pam)
    const { id } = await two.next('prompt')
    two.send('prompt-response', { id, action: 'submit', inputs: { prompt_0: pam.code } })
    await two.next('getTerminal')
  })
})

test('a login by responses goes to the target of the operator or of the address, as do logins without a host', async () => {
  const aimed = await other({ webssh2Target: { host: sshd.host, port: sshd.port } })
  const responses = [sshd.username, sshd.password]
  for (const login of [{ responses }, { username: sshd.username, password: sshd.password }]) {
    const one = await clients.open(aimed.url, {}, 2)
    one.send('authenticate', login)
    await one.next('updateUI', ({ value }) => value === `ssh://${sshd.host}:${sshd.port}`)
  }
  const query = { host: sshd.host, port: String(sshd.port) }
  const one = await clients.open(relay.url, { query })
  one.send('authenticate', { responses })
  await one.next('getTerminal')

  const lost = await clients.open(relay.url)
  for (const [login, message] of [
    [{ responses }, 'No SSH host configured'],
    [{ responses: ['only'] }, 'Invalid credentials'],
    [{ responses: 'x' }, 'Invalid credentials'],
    [{ responses: ['', ''], host: sshd.host }, 'No SSH host configured'],
  ] as const) {
    lost.send('authenticate', login)
    expect(await lost.next('authentication', ({ success }) => success === false)).toMatchObject({ message })
  }
  for (const bad of [{ host: 'a', port: 'x' }, { host: '\0' }]) {
    const astray = await clients.open(relay.url, { query: bad })
    astray.send('authenticate', { responses })
    expect(await astray.next('authentication', ({ success }) => success === false)).toMatchObject({
      message: 'Invalid credentials',
    })
  }
  const to = async (path: string) => (await ask(aimed.port, path)).headers.location
  const target = `/#target=ssh%3A%2F%2F${sshd.host}%3A${sshd.port}`
  expect(await to('/ssh/host/')).toBe(target)
  expect(await to('/ssh')).toBe(target)
  expect(await to('/ssh/host/?port=2222')).toBe(`/#target=ssh%3A%2F%2F${sshd.host}%3A2222`)
  expect(await to('/ssh/host/b')).toBe('/#target=ssh%3A%2F%2Fb')
})

test('the login form of the relay: a prompt for clients of today, prompts of authentication for former ones', async () => {
  const asking = await other({ webssh2Prompts: true, webssh2Target: { host: sshd.host, port: sshd.port } })
  const one = await clients.open(asking.url)
  const form = await one.next('prompt')
  expect(form.inputs).toMatchObject([
    { id: 'username', type: 'text' },
    { id: 'password', type: 'password' },
  ])
  expect(one.names).toEqual(['permissions', 'prompt'])
  const inputs = { username: sshd.username, password: sshd.password }
  for (let times = 0; times < 2; times += 1) one.send('prompt-response', { id: form.id, action: 'submit', inputs })
  await one.next('getTerminal')
  expect(one.names.filter((name) => name === 'getTerminal')).toHaveLength(1)

  const unwilling = await clients.open(asking.url)
  const { id } = await unwilling.next('prompt')
  unwilling.send('prompt-response', { id, action: 'cancel', inputs: { username: '', password: '' } })
  expect(await unwilling.next('authentication')).toEqual({
    action: 'auth_result',
    success: false,
    message: 'Authentication cancelled',
  })

  const former = await clients.open(asking.url, {}, 2)
  expect(await former.next('authentication')).toMatchObject({
    action: 'keyboard-interactive',
    prompts: [
      { prompt: 'Username: ', echo: true },
      { prompt: 'Password: ', echo: false },
    ],
  })
  former.send('authenticate', { responses: [sshd.username, sshd.password] })
  await former.next('getTerminal')
  await expect.poll(() => asking.dispatch.counts().sessions).toBe(2)
})

describe('host keys are verified (WEBSSH2 8.12), against an sshd whose key changes', () => {
  let own: Sshd
  beforeAll(async () => {
    own = await startSshd()
  })
  afterAll(() => own.close())

  const fingerprints = { fingerprint: expect.stringMatching(/^SHA256:/), algorithm: 'ssh-ed25519' }

  test.each([4, 2] as const)(
    'keep: a new one is told and kept, a changed one refused, by Socket.IO %i',
    async (version) => {
      const keeping = await other({})
      const one = await clients.open(keeping.url, {}, version)
      one.authenticate(own)
      const kept = await one.next('hostkey:alert')
      expect(kept).toMatchObject({ host: own.host, port: own.port, ...fingerprints })
      await one.next('getTerminal')
      one.authenticate(own)
      expect(await one.next('hostkey:verified')).toMatchObject({ source: 'server', fingerprint: kept.fingerprint })
      await one.next('getTerminal')
      await own.changeHostKey()
      one.authenticate(own)
      const mismatch = await one.next('hostkey:mismatch')
      expect(mismatch).toMatchObject({ ...fingerprints, source: 'server', storedFingerprint: kept.fingerprint })
      expect(mismatch.presentedFingerprint).toBe(mismatch.fingerprint)
      expect(mismatch.fingerprint).not.toBe(kept.fingerprint)
      expect(await one.next('connection-error')).toMatchObject({ errorType: 'unknown', canRetry: false })
      // It has said nothing of the login to the changed one.
      expect(own.log()).not.toMatch(/Accepted|Failed password/)
    },
  )

  test.each([4, 2] as const)('ask: the client judges, a changed one as well, by Socket.IO %i', async (version) => {
    // WEBSSH2 8.7: a person may think longer than the key exchange may take.
    const asking = await other({ webssh2HostKeys: 'ask', limits: { keyExchangeMs: 300 } })
    const one = await clients.open(asking.url, {}, version)
    for (const action of ['accept', 'trusted']) {
      one.authenticate(own)
      const shown = await one.next('hostkey:verify')
      expect(shown).toMatchObject({ key: own.hostKey, host: own.host, port: own.port, ...fingerprints })
      if (action === 'accept') {
        // As long as another needs that is ended by the same clock.
        const hasty = await clients.open(asking.url)
        hasty.authenticate({ ...own, port: asking.port })
        await hasty.next('connection-error')
      }
      one.send('hostkey:verify-response', { action })
      expect(await one.next('hostkey:verified')).toMatchObject({ source: 'client', fingerprint: shown.fingerprint })
      await one.next('getTerminal')
    }
    const former = own.hostKey
    await own.changeHostKey()
    one.authenticate(own)
    expect((await one.next('hostkey:verify')).key).not.toBe(former)
    one.send('hostkey:verify-response', { action: 'reject' })
    expect(await one.next('connection-error')).toMatchObject({ errorType: 'unknown', canRetry: false })
    // It counts once, and late.
    one.send('hostkey:verify-response', { action: 'accept' })
    expect(own.log()).not.toMatch(/Accepted|Failed password/)
  })

  test('known: what the operator has not written down is rejected, in both spellings', async () => {
    const state = await mkdtemp(join(tmpdir(), 'fairlead-known-'))
    await writeFile(join(state, 'known_hosts'), `[${own.host}]:${own.port} ssh-ed25519 ${own.hostKey}\n`)
    const known = await other({ webssh2HostKeys: 'known', state })
    const one = await clients.open(known.url)
    await one.next('permissions', ({ hostKeyVerification }) => hostKeyVerification.unknownKeyAction === 'reject')
    one.authenticate(sshd)
    expect(await one.next('hostkey:rejected')).toMatchObject({
      host: sshd.host,
      port: sshd.port,
      ...fingerprints,
      reason: expect.stringContaining('not one that the relay knows'),
    })
    expect(await one.next('connection-error')).toMatchObject({ errorType: 'unknown', canRetry: false })
    one.authenticate(own)
    expect(await one.next('hostkey:verified')).toMatchObject({ source: 'server' })
    await one.next('getTerminal')
    await own.changeHostKey()
    one.authenticate(own)
    await one.next('hostkey:mismatch')
    await rm(state, { recursive: true })
  })
})
