import { afterEach, describe, expect, test, vi } from 'vitest'
import { Failed } from '../../../pwa/model/failure.ts'
import type { SigningKey } from '../../../pwa/model/identities.ts'
import { Signatures } from '../../../pwa/model/signatures.ts'
import type { SignPrompt } from '../../../pwa/model/signer.ts'
import {
  exchangeWith,
  loginData,
  makePair,
  offerOf,
  type Pair,
  signedBy,
  signPrompt,
} from '../../harness/signedWorld.ts'

const host = makePair()
const person = makePair()
const second = makePair()
const relay = { id: 'r', label: 'Office' }
const accepted = [host.blob.toString('base64')]
const way = [{ host: 'host.example', port: 22, username: 'ada', keys: [offerOf(person)], legacy: false }]

afterEach(() => {
  vi.useRealTimers()
})

function keyOf(pair: Pair): SigningKey {
  return {
    identityId: 'i',
    label: 'key',
    publicKey: pair.blob,
    algorithms: [pair.algorithm],
    consent: false,
    sign: async (_algorithm, data) => signedBy(pair, data),
  }
}

function world(keys: SigningKey[] = [keyOf(person), keyOf(second)]) {
  const reported: unknown[] = []
  const signatures = new Signatures({
    signingKey: async (blob) => keys.find((key) => Buffer.from(key.publicKey).toString('base64') === blob),
    report: (error) => reported.push(error),
  })
  const judge = (prompt: SignPrompt, sessionId = 's', hostKeys: readonly string[] = accepted) =>
    signatures.judge(sessionId, relay, prompt, hostKeys)
  return { signatures, reported, judge }
}

/** The same session with another key. */
function byAnother(prompt: SignPrompt, pair: Pair): SignPrompt {
  const sessionId = Buffer.from(prompt.data, 'base64').subarray(4, 36)
  const data = loginData(sessionId, pair).toString('base64')
  return { ...prompt, data, publicKey: pair.blob.toString('base64') }
}

test('a login that was begun is signed, and the same again after a cut', async () => {
  const { signatures, judge } = world()
  signatures.begin('s', way)
  const prompt = signPrompt(host, person)
  const first = await judge(prompt)
  expect(first).toMatchObject({ host: 'host.example', port: 22, username: 'ada' })
  const signature = await first.sign()
  expect(Buffer.from(signature, 'base64')).toEqual(signedBy(person, Buffer.from(prompt.data, 'base64')))
  expect(await (await judge(prompt)).sign()).toBe(signature)
})

describe('A-SIG-01 signatures are counted out', () => {
  test('none without a connect that was begun here, and none when it is over', async () => {
    const { signatures, judge } = world()
    const prompt = signPrompt(host, person)
    await expect(judge(prompt)).rejects.toThrow('did not begin')
    signatures.begin('s', way)
    await expect(judge(prompt, 'another')).rejects.toThrow('did not begin')
    const allowed = await judge(prompt)
    signatures.end('s')
    await expect(allowed.sign()).rejects.toThrow('did not sign')
    await expect(judge(prompt)).rejects.toThrow('did not begin')
  })

  test('none two minutes after the last word of the person', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const { signatures, judge } = world()
    signatures.begin('s', way)
    vi.setSystemTime(Date.now() + 119_000)
    signatures.prolong('s')
    vi.setSystemTime(Date.now() + 119_000)
    await judge(signPrompt(host, person))
    vi.setSystemTime(Date.now() + 2_000)
    await expect(judge(signPrompt(host, person))).rejects.toThrow('took so long')
  })

  test('one for a key on a part of the way', async () => {
    const { signatures, judge } = world()
    signatures.begin('s', way)
    await judge(signPrompt(host, person))
    await expect(judge(signPrompt(host, person))).rejects.toThrow('had already')
  })

  test('one for an SSH session, whatever the key and whoever asks', async () => {
    const { signatures, judge } = world()
    const prompt = signPrompt(host, person)
    signatures.begin(
      's',
      way.map((hop) => ({ ...hop, keys: [offerOf(person), offerOf(second)] })),
    )
    signatures.begin('t', way)
    await judge(prompt)
    await expect(judge(byAnother(prompt, second))).rejects.toThrow('had already')
    await expect(judge(prompt, 't')).rejects.toThrow('had already')
  })

  test.each<[name: string, change: Partial<SignPrompt>]>([
    ['another host', { host: 'evil.example' }],
    ['another port', { port: 2222 }],
    ['another part of the way', { hop: 1 }],
    ['another user', { username: 'root' }],
  ])('none for %s', async (_name, change) => {
    const { signatures, judge } = world()
    signatures.begin('s', way)
    await expect(judge({ ...signPrompt(host, person), ...change })).rejects.toBeInstanceOf(Failed)
  })

  test('none by a key that was not offered, until the person offers it', async () => {
    const { signatures, judge } = world()
    signatures.begin('s', way)
    const prompt = signPrompt(host, second)
    await expect(judge(prompt)).rejects.toThrow('not chosen for this host')
    signatures.offer('s', { host: 'elsewhere', port: 22, username: 'ada' }, offerOf(second))
    await expect(judge(prompt)).rejects.toThrow('not chosen for this host')
    signatures.offer('s', { host: 'host.example', port: 22, username: 'ada' }, offerOf(second))
    await judge(prompt)
  })

  test('none for a host whose key was not accepted', async () => {
    const { signatures, judge } = world()
    signatures.begin('s', way)
    await expect(judge(signPrompt(host, person), 's', [])).rejects.toThrow('not accepted')
  })

  test('none by a key that is not here any more', async () => {
    const { signatures, judge } = world([])
    signatures.begin('s', way)
    await expect(judge(signPrompt(host, person))).rejects.toThrow('not chosen')
  })

  test('what is refused is counted, and said after three, with the name of the relay', async () => {
    const { signatures, reported, judge } = world()
    signatures.begin('s', way)
    const lie = { ...signPrompt(host, person), ...exchangeWith(makePair()) }
    for (let times = 1; times <= 2; times++) await expect(judge(lie)).rejects.toThrow('“Office”')
    expect(reported).toEqual([])
    await expect(judge(lie)).rejects.toMatchObject({ failure: { code: 'signature-refused' } })
    expect(reported).toMatchObject([
      { failure: { code: 'relay-suspect', message: expect.stringMatching(/“Office”.*3 times/) } },
    ])
    await expect(judge(lie)).rejects.toThrow('“Office”')
    expect(reported).toHaveLength(1)
  })
})

test('A-SIG-03 a vault that stays locked gives no signature, and may be asked again', async () => {
  let locked = true
  const key = keyOf(person)
  const { signatures, judge } = world([
    { ...key, sign: async (...of) => (locked ? Promise.reject(new Failed('vault-locked')) : key.sign(...of)) },
  ])
  signatures.begin('s', way)
  const prompt = signPrompt(host, person)
  const allowed = await judge(prompt)
  await expect(allowed.sign()).rejects.toMatchObject({ failure: { code: 'vault-locked' } })
  locked = false
  const signature = await (await judge(prompt)).sign()
  expect(signature.length).toBeGreaterThan(80)
})
