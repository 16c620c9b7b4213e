import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Failed, failureOf } from '../../../pwa/model/failure.ts'
import { KnownHosts } from '../../../pwa/model/knownHosts.ts'
import { knownHostId } from '../../../pwa/model/knownHostsName.ts'
import { type Asker, Prompts } from '../../../pwa/model/prompts.ts'
import { Signatures } from '../../../pwa/model/signatures.ts'
import { openStore, type Store } from '../../../pwa/store/db.ts'
import type { Answer, OfferedKey, Prompt } from '../../../shared/protocol.ts'
import { until } from '../../harness/browser.ts'
import { strings } from '../../harness/remoteKey.ts'
import { loginData, makePair, offerOf, signedBy, signPrompt } from '../../harness/signedWorld.ts'

const host = makePair()
const person = makePair()
const relay = { id: 'r', label: 'Office', url: 'https://relay.example' }
const way = [{ host: 'host.example', port: 22, username: 'ada', keys: [offerOf(person)], legacy: false }]

let store: Store
let prompts: Prompts
let knownHosts: KnownHosts
let consent: boolean
let answers: { promptId: string; answer: Answer }[]
let reported: string[]
let failed: unknown[]
let reachable: boolean

beforeEach(async () => {
  store = await openStore(randomUUID())
  knownHosts = new KnownHosts(store)
  consent = false
  reachable = true
  answers = []
  reported = []
  failed = []
  const report = (error: unknown) => reported.push(failureOf(error).code)
  const signingKey = async (blob: string) => {
    if (blob !== person.blob.toString('base64')) return undefined
    const sign = async (_algorithm: string, data: Uint8Array) => signedBy(person, data)
    return { identityId: 'i', label: 'Laptop', publicKey: person.blob, algorithms: ['ssh-ed25519'], consent, sign }
  }
  prompts = new Prompts(knownHosts, new Signatures({ signingKey, report }), report)
  await knownHosts.add(knownHostId('host.example', 22, relay.id), 'ssh-ed25519', host.blob.toString('base64'), relay.id)
})
afterEach(() => store.close())

function asker(agentKeys: readonly OfferedKey[] = []): Asker {
  return {
    sessionId: 's',
    tabId: 'tab',
    relay,
    way: [{ host: 'host.example', port: 22 }],
    builtInHost: undefined,
    agentKeys: () => agentKeys,
    fail: (error) => failed.push(failureOf(error).code),
    answer: async (promptId, answer) => {
      if (!reachable) throw new Failed('relay-lost')
      answers.push({ promptId, answer })
    },
  }
}

function ask(promptId: string, prompt: Prompt, of = asker(), expiresInMs = 90_000): Promise<void> {
  return prompts.ask(of, { sessionId: 's', promptId, expiresInMs, prompt })
}

/** The host shows the key that is known for it. */
async function meet(): Promise<void> {
  const key = host.blob.toString('base64')
  await ask('hello', { kind: 'host-key', host: 'host.example', port: 22, type: 'ssh-ed25519', key, fingerprint: '' })
  expect(answers.pop()).toEqual({ promptId: 'hello', answer: { kind: 'host-key', accept: true } })
}

const topmost = () => until(() => prompts.open.value[0])

describe('logins', () => {
  const prompt = signPrompt(host, person)
  const signature = signedBy(person, Buffer.from(prompt.data, 'base64')).toString('base64')

  test('are signed without a word', async () => {
    prompts.begin('s', way)
    await meet()
    await ask('1', prompt)
    expect(answers).toEqual([{ promptId: '1', answer: { kind: 'sign', signature } }])
    expect(prompts.open.value).toEqual([])
  })

  test('are not signed before the host has shown a key that is accepted', async () => {
    prompts.begin('s', way)
    await ask('1', prompt)
    expect(answers).toEqual([{ promptId: '1', answer: { kind: 'cancel' } }])
    expect(failed).toEqual(['signature-refused'])
  })

  test('end here where they are refused, also if the relay is gone', async () => {
    prompts.begin('s', way)
    await meet()
    reachable = false
    await expect(ask('1', signPrompt(makePair(), person))).rejects.toMatchObject({ failure: { code: 'relay-lost' } })
    expect(failed).toEqual(['signature-refused'])
  })

  test('are asked about where the person wants to be', async () => {
    consent = true
    prompts.begin('s', way)
    await meet()
    const asked = ask('1', prompt)
    const open = await topmost()
    expect(open).toMatchObject({
      relay: { label: 'Office' },
      question: { kind: 'sign', host: 'host.example', port: 22, username: 'ada', key: 'Laptop' },
    })
    expect(answers).toEqual([])
    await prompts.answer(open.id, { kind: 'agreed' })
    await asked
    expect(answers).toEqual([{ promptId: '1', answer: { kind: 'sign', signature } }])
  })

  test('are not signed where the person says no', async () => {
    consent = true
    prompts.begin('s', way)
    await meet()
    const asked = ask('1', prompt)
    await prompts.cancel((await topmost()).id)
    await asked
    expect(answers).toEqual([{ promptId: '1', answer: { kind: 'cancel' } }])
    expect(failed).toEqual(['not-signed'])
    expect(prompts.open.value).toEqual([])
  })

  test('A-SIG-03 are signed once, and after a cut with the same: the question stays one', async () => {
    consent = true
    prompts.begin('s', way)
    await meet()
    const asked = ask('1', prompt)
    const open = await topmost()
    const again = ask('1', prompt)
    expect(prompts.open.value).toHaveLength(1)
    reachable = false
    await prompts.answer(open.id, { kind: 'agreed' })
    await again
    await expect(asked).rejects.toMatchObject({ failure: { code: 'relay-lost' } })
    reachable = true
    await ask('1', prompt)
    expect(answers).toEqual([{ promptId: '1', answer: { kind: 'sign', signature } }])
  })

  test('A-SIG-03 are not signed when the session ends, or the time is up, while it is asked', async () => {
    consent = true
    prompts.begin('s', way)
    await meet()
    const asked = ask('1', prompt)
    await topmost()
    prompts.drop('s')
    await asked
    expect(answers).toEqual([{ promptId: '1', answer: { kind: 'cancel' } }])
    prompts.begin('s', way)
    await meet()
    await ask('2', signPrompt(host, person), asker(), 20)
    expect(answers.at(-1)).toEqual({ promptId: '2', answer: { kind: 'cancel' } })
    expect(prompts.open.value).toEqual([])
  })

  test('are signed by a key that the person chooses when asked for a login', async () => {
    prompts.begin('s', [{ host: 'host.example', port: 22, username: 'ada', keys: [], legacy: false }])
    await meet()
    const place = { host: 'host.example', port: 22, username: 'ada' }
    const asked = ask('1', { kind: 'login', ...place, methods: ['publickey'], refused: 0 })
    await prompts.answer((await topmost()).id, { kind: 'login', identity: offerOf(person) })
    await asked
    await ask('2', prompt)
    expect(answers.at(-1)).toEqual({ promptId: '2', answer: { kind: 'sign', signature } })
  })

  test('are not signed after the person has cancelled', async () => {
    prompts.begin('s', way)
    await meet()
    const place = { host: 'host.example', port: 22, username: 'ada' }
    const asked = ask('1', { kind: 'login', ...place, methods: ['password'], refused: 0 })
    await prompts.cancel((await topmost()).id)
    await asked
    await ask('2', prompt)
    expect(answers.map(({ answer }) => answer.kind)).toEqual(['cancel', 'cancel'])
  })
})

describe('forwarded agents', () => {
  const agent = asker([offerOf(person)])
  const prompt = (data: Buffer, more: object = {}): Prompt => ({
    kind: 'agent-sign',
    host: 'host.example',
    port: 22,
    username: 'ada',
    publicKey: person.blob.toString('base64'),
    data: data.toString('base64'),
    flags: 0,
    ...more,
  })
  const message = Buffer.concat([Buffer.from('SSHSIG'), strings('git', '', 'sha512', randomBytes(64))])

  test('sign what the person agrees to, and say what it is', async () => {
    const asked = ask('1', prompt(message), agent)
    const open = await topmost()
    expect(open.question).toEqual({
      kind: 'agent-sign',
      host: 'host.example',
      port: 22,
      username: 'ada',
      key: 'Laptop',
      wants: { kind: 'message', namespace: 'git' },
    })
    await prompts.answer(open.id, { kind: 'agreed' })
    await asked
    const signature = signedBy(person, message).toString('base64')
    expect(answers).toEqual([{ promptId: '1', answer: { kind: 'agent-sign', signature } }])
  })

  test.each([
    ['at any host', {}, undefined],
    ['at a known host', { hostKey: host.blob }, ['host.example']],
    ['at a host that is not known', { hostKey: makePair().blob }, []],
  ])('say where a login would be good: %s', async (_name, more, hosts) => {
    const asked = ask('1', prompt(loginData(randomBytes(32), person, { username: 'root', ...more })), agent)
    const open = await topmost()
    expect(open.question).toMatchObject({ wants: { kind: 'login', username: 'root', hosts } })
    await prompts.cancel(open.id)
    await asked
    expect(answers).toEqual([{ promptId: '1', answer: { kind: 'cancel' } }])
    // It was that one signature only.
    expect(failed).toEqual([])
    const next = ask('2', prompt(message), agent)
    await prompts.answer((await topmost()).id, { kind: 'agreed' })
    await next
    expect(answers.at(-1)?.answer.kind).toBe('agent-sign')
  })

  test.each<[name: string, prompt: Prompt, of: Asker]>([
    ['where nothing is forwarded', prompt(message), asker()],
    ['of random bytes', prompt(randomBytes(32)), agent],
    ['of another key', prompt(message, { publicKey: makePair().blob.toString('base64') }), agent],
    ['of a login by another key', prompt(loginData(randomBytes(32), makePair())), agent],
    ['of a login by another algorithm', prompt(loginData(randomBytes(32), { ...person, algorithm: 'ssh-rsa' })), agent],
    ['of what is no base64', prompt(message, { data: 'A' }), agent],
    ['in the name of another host', prompt(message, { host: 'trusted.example' }), agent],
    ['in the name of another port', prompt(message, { port: 2222 }), agent],
  ])('refuse without a question: a signature %s', async (_name, asked, of) => {
    for (const promptId of ['1', '2', '3']) await ask(promptId, asked, of)
    expect(answers.map(({ answer }) => answer.kind)).toEqual(['cancel', 'cancel', 'cancel'])
    expect(prompts.open.value).toEqual([])
    expect(reported).toEqual(['relay-suspect'])
    expect(failed).toEqual([])
  })
})
