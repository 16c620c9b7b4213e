import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { attachKey, Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const password = 'a good password'

let sshd: Sshd
let relay: TestRelay
const open: Client[] = []

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay()
})
afterEach(() => {
  vi.restoreAllMocks()
  for (const client of open.splice(0)) client.close()
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
})

type Key = ReturnType<typeof attachKey>

/** A socket that knows how to sign for a session, with whatever key. */
async function device(url = relay.url, token?: string) {
  const client = await Client.open(url, token ? { auth: { token } } : {})
  open.push(client)
  const { nonce, epoch } = await client.next('relay-hello')
  return {
    client,
    connect: (sessionId: string, { resume }: Key) =>
      client.ask('ssh-connect', {
        sessionId,
        host: sshd.host,
        port: sshd.port,
        username: sshd.username,
        password: sshd.password,
        binary: true,
        resume,
      }),
    attach: (sessionId: string, key: Key, offset = 0) =>
      client.ask<ServerPayload<'ssh-attached'>>('ssh-attach', {
        sessionId,
        offset,
        signature: key.sign({ nonce, epoch, sessionId, offset }),
      }),
    authorise: (sessionId: string, by: Key, other: Key, once?: number) =>
      client.ask('ssh-authorise', {
        sessionId,
        key: other.resume,
        ...(once !== undefined && { once }),
        signature: by.authorise({ nonce, epoch, sessionId, key: other.resume, once }),
      }),
    /** What is signed for something else than what is asked. */
    authoriseOtherwise: (sessionId: string, by: Key, asked: Key, signed: Key, once?: number) =>
      client.ask('ssh-authorise', {
        sessionId,
        key: asked.resume,
        signature: by.authorise({ nonce, epoch, sessionId, key: signed.resume, once }),
      }),
  }
}

let count = 0
const newId = () => `keys-${++count}`

test('a key that was authorised takes the session up, and the former device is told', async () => {
  const [first, second] = [await device(), await device()]
  const [mine, theirs] = [attachKey(), attachKey()]
  const sessionId = newId()
  await first.connect(sessionId, mine)
  await expect(second.attach(sessionId, theirs)).rejects.toThrow('attach-refused')
  expect(await first.authorise(sessionId, mine, theirs)).toEqual({ sessionId })
  expect(await second.attach(sessionId, theirs)).toMatchObject({ state: 'open' })
  expect(await first.client.next('ssh-detached')).toEqual({ sessionId })
  expect(await first.attach(sessionId, mine)).toMatchObject({ state: 'open' })
})

test('a one-time key authorises one lasting key, once, and nothing else', async () => {
  const [first, second] = [await device(), await device()]
  const [mine, once, theirs] = [attachKey(), attachKey(), attachKey()]
  const sessionId = newId()
  await first.connect(sessionId, mine)
  await first.authorise(sessionId, mine, once, 60_000)
  await expect(second.attach(sessionId, once)).rejects.toThrow('attach-refused')
  await expect(second.authorise(sessionId, once, attachKey(), 60_000)).rejects.toThrow('attach-refused')
  await second.authorise(sessionId, once, theirs)
  await expect(second.authorise(sessionId, once, attachKey())).rejects.toThrow('attach-refused')
  expect(await second.attach(sessionId, theirs)).toMatchObject({ state: 'open' })
})

test('a one-time key ends with its time, and with the next one', async () => {
  const here = await device()
  const [mine, former, latter] = [attachKey(), attachKey(), attachKey()]
  const sessionId = newId()
  await here.connect(sessionId, mine)
  await here.authorise(sessionId, mine, former, 60_000)
  await here.authorise(sessionId, mine, latter, 60_000)
  await expect(here.authorise(sessionId, former, attachKey())).rejects.toThrow('attach-refused')
  const now = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => now + 60_001)
  await expect(here.authorise(sessionId, latter, attachKey())).rejects.toThrow('attach-refused')
})

test('a session has four lasting keys at most: the one that was used longest ago goes', async () => {
  const here = await device()
  const keys = Array.from({ length: 5 }, attachKey)
  const sessionId = newId()
  const [mine, , , , last] = keys as [Key, Key, Key, Key, Key]
  await here.connect(sessionId, mine)
  for (const key of keys.slice(1)) await here.authorise(sessionId, mine, key)
  await expect(here.attach(sessionId, keys[1] as Key)).rejects.toThrow('attach-refused')
  expect(await here.attach(sessionId, mine)).toMatchObject({ state: 'open' })
  expect(await here.attach(sessionId, last)).toMatchObject({ state: 'open' })
})

test('what was signed for one key, or for one use, lets no other key in and not for longer', async () => {
  const here = await device()
  const [mine, meant] = [attachKey(), attachKey()]
  const sessionId = newId()
  await here.connect(sessionId, mine)
  await expect(here.authoriseOtherwise(sessionId, mine, attachKey(), meant)).rejects.toThrow('attach-refused')
  await expect(here.authoriseOtherwise(sessionId, mine, meant, meant, 60_000)).rejects.toThrow('attach-refused')
  const p384 = new Uint8Array(120)
  await expect(
    here.client.ask('ssh-authorise', { sessionId, key: p384, signature: new Uint8Array(64) }),
  ).rejects.toThrow('bad-request')
})

test('N-ATT-01 a wrong key, the key of another session and the right key after the grace get the same words', async () => {
  const short = await startTestRelay({ limits: { graceMs: 1000 } })
  const here = await device(short.url)
  const [one, other] = [attachKey(), attachKey()]
  await here.connect('one', one)
  await here.connect('other', other)
  const said = async (asked: Promise<unknown>) => asked.then(String, ({ failure }) => JSON.stringify(failure))
  const wrong = await said(here.attach('one', attachKey()))
  expect(wrong).toContain('attach-refused')
  expect(await said(here.attach('one', other))).toBe(wrong)
  await here.client.ask('ssh-detach', { sessionId: 'one' })
  await expect.poll(() => short.dispatch.counts().sessions).toBe(1)
  // Who has the key is told how it ended; to everybody else it is as if it had never been.
  expect(await said(here.attach('one', one))).toContain('expired')
  const late = await said(here.attach('one', other))
  expect(late).toContain('no-session')
  expect(late.replace('"one"', '"never"')).toBe(await said(here.attach('never', other)))
  await short.close()
})

test('N-ATT-01 the right key of another principal finds no session, in the list neither', async () => {
  const two = await startTestRelay(
    {},
    {
      handlers: {
        'relay-ping': ({ peer }) => {
          peer.data.login = { principal: 'somebody else', tokenId: 'another' }
          return undefined
        },
      },
    },
  )
  const [mine, theirs] = [await device(two.url), await device(two.url)]
  const key = attachKey()
  await mine.connect('mine', key)
  await theirs.client.ask('relay-ping', {})
  await expect(theirs.attach('mine', key)).rejects.toThrow('no-session')
  await expect(theirs.authorise('mine', key, attachKey())).rejects.toThrow('no-session')
  await expect(theirs.client.ask('session-end', { sessionId: 'mine' })).rejects.toThrow('no-session')
  expect(await theirs.client.ask('session-list', {})).toEqual({ sessions: [] })
  await two.close()
})

test('N-ATT-01 a thousand guesses: after ten nobody attaches for a minute, and the one who is attached is told', async () => {
  const [owner, thief] = [await device(), await device()]
  const key = attachKey()
  const sessionId = newId()
  await owner.connect(sessionId, key)
  const guesses = Array.from({ length: 1000 }, (_, guess) =>
    thief.client
      .ask('ssh-attach', { sessionId, offset: 0, signature: new Uint8Array(64).fill(guess) })
      .then(String, ({ failure }) => failure.code as string),
  )
  expect(new Set(await Promise.all(guesses))).toEqual(new Set(['attach-refused']))
  expect(await owner.client.next('ssh-locked')).toEqual({ sessionId, ms: expect.any(Number) })
  await expect(owner.attach(sessionId, key)).rejects.toThrow('attach-refused')
  await expect(owner.authorise(sessionId, key, attachKey())).rejects.toThrow('attach-refused')
  expect(owner.client.heard('ssh-locked')).toHaveLength(1)
  // Who has the session keeps it, and a minute later it can be taken up again.
  await owner.client.ask('ssh-data', { sessionId, data: 'echo still-"mine"\n' })
  await owner.client.shows(sessionId, 'still-mine')
  const now = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => now + 60_001)
  expect(await owner.attach(sessionId, key)).toMatchObject({ state: 'open' })
})

test('N-ATT-04 a password that another login changes ends the sessions that nobody is attached to', async () => {
  const guarded = await startTestRelay({}, { password })
  const post = async (route: string, body: object, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const answer = await fetch(new URL(`api/auth/${route}`, guarded.url), {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return (await answer.json()) as { token: string; success: boolean }
  }
  const [{ token }, other] = [await post('login', { password }), await post('login', { password })]
  const here = await device(guarded.url, token)
  await here.connect('left', attachKey())
  await here.client.ask('ssh-detach', { sessionId: 'left' })
  expect(guarded.dispatch.counts().sessions).toBe(1)
  const changed = await post(
    'set-password',
    { currentPassword: password, newPassword: 'another password' },
    other.token,
  )
  expect(changed.success).toBe(true)
  await expect.poll(() => guarded.dispatch.counts().sessions).toBe(0)
  await guarded.close()
})
