import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Answer, Prompt, ServerPayload } from '../../shared/protocol.ts'
import { attachKey, Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd
let questions: Sshd
let relay: TestRelay
const open: Client[] = []

beforeAll(async () => {
  sshd = await startSshd()
  questions = await startSshd([
    'UsePAM yes',
    'KbdInteractiveAuthentication yes',
    'PasswordAuthentication no',
    'PubkeyAuthentication no',
  ])
  relay = await startTestRelay({ limits: { promptMs: 600 } })
})
afterEach(() => {
  for (const client of open.splice(0)) client.close()
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
  await questions.close()
})

async function connectClient(onPrompt?: (prompt: Prompt) => Answer | undefined): Promise<Client> {
  const client = await Client.open(relay.url)
  client.onPrompt = onPrompt
  open.push(client)
  return client
}

let count = 0
const newId = () => `prompted-${++count}`
const target = (of: Sshd) => ({ host: of.host, port: of.port, username: of.username, interactive: true, binary: true })
const accept: Answer = { kind: 'host-key', accept: true }

test('the host key is asked about before anything else, whole and with its fingerprint', async () => {
  const asked: Prompt[] = []
  const client = await connectClient((prompt) => {
    asked.push(prompt)
    return prompt.kind === 'host-key' ? accept : { kind: 'cancel' }
  })
  const sessionId = newId()
  await expect(client.ask('ssh-connect', { sessionId, ...target(sshd) })).rejects.toThrow('login-refused')
  expect(asked[0]).toMatchObject({
    kind: 'host-key',
    host: sshd.host,
    port: sshd.port,
    type: 'ssh-ed25519',
    key: sshd.hostKey,
    fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/),
  })
  expect(asked[1]).toMatchObject({
    kind: 'login',
    methods: ['password', 'publickey'],
    refused: 0,
    username: sshd.username,
  })
})

test.each([
  ['false', { kind: 'host-key', accept: false }],
  ['undefined', { kind: 'host-key' }],
  ['null', { kind: 'host-key', accept: null }],
  ['0', { kind: 'host-key', accept: 0 }],
  ['"true"', { kind: 'host-key', accept: 'true' }],
  ['1', { kind: 'host-key', accept: 1 }],
  ['an object', { kind: 'host-key', accept: {} }],
  ['another kind', { kind: 'login', password: 'x' }],
  ['cancel', { kind: 'cancel' }],
  ['nothing', undefined],
])('A-HK-01 only a literal true accepts a host key, not %s', async (_name, answer) => {
  const before = sshd.log().length
  const client = await connectClient()
  const sessionId = newId()
  const connecting = client.ask('ssh-connect', { sessionId, ...target(sshd), password: sshd.password })
  const outcome = expect(connecting).rejects.toThrow(/host-key-refused|no-answer/)
  const { promptId } = await client.next('ssh-prompt')
  if (answer) {
    client.send('ssh-answer', { sessionId, promptId, answer })
    if (answer.kind !== 'cancel') await client.next('ssh-error', (one) => one.code === 'bad-request')
  }
  await outcome
  expect(sshd.log().slice(before)).not.toMatch(/Accepted|Failed|userauth/)
})

test('A-HK-01 an answer counts once, for its own session and by its own socket', async () => {
  const client = await connectClient()
  const stranger = await connectClient()
  const sessionId = newId()
  const connecting = client.ask('ssh-connect', { sessionId, ...target(sshd), password: sshd.password })
  const { promptId } = await client.next('ssh-prompt')
  await expect(client.ask('ssh-answer', { sessionId: 'another', promptId, answer: accept })).rejects.toThrow(
    'no-session',
  )
  await expect(stranger.ask('ssh-answer', { sessionId, promptId, answer: accept })).rejects.toThrow('no-session')
  await expect(client.ask('ssh-answer', { sessionId, promptId: 'guessed', answer: accept })).rejects.toThrow(
    'no-prompt',
  )
  await client.ask('ssh-answer', { sessionId, promptId, answer: accept })
  await expect(client.ask('ssh-answer', { sessionId, promptId, answer: accept })).rejects.toThrow('no-prompt')
  await connecting
})

test('a wrong password is asked for again on the same connection, then the right one lets in', async () => {
  const asked: Prompt[] = []
  const client = await connectClient((prompt) => {
    asked.push(prompt)
    if (prompt.kind !== 'login') return accept
    return { kind: 'login', password: prompt.refused === 0 ? 'wrong' : sshd.password }
  })
  const sessionId = newId()
  await client.ask('ssh-connect', { sessionId, ...target(sshd) })
  expect(asked.map(({ kind }) => kind)).toEqual(['host-key', 'login', 'login'])
  expect(asked[2]).toMatchObject({ refused: 1, problem: expect.stringContaining('refused') })
})

test('three refused answers end the attempt with what the server takes', async () => {
  let asked = 0
  const client = await connectClient((prompt) => {
    if (prompt.kind !== 'login') return accept
    asked += 1
    return { kind: 'login', password: `wrong ${asked}` }
  })
  await expect(client.ask('ssh-connect', { sessionId: newId(), ...target(sshd) })).rejects.toMatchObject({
    failure: {
      code: 'login-refused',
      phase: 'login',
      message: expect.stringContaining('it takes: publickey, password'),
    },
  })
  expect(asked).toBe(3)
})

test('a key as answer; its wrong passphrase is said and asked again', async () => {
  const problems: (string | undefined)[] = []
  const client = await connectClient((prompt) => {
    if (prompt.kind !== 'login') return accept
    problems.push(prompt.problem)
    return { kind: 'login', privateKey: sshd.encryptedKey, passphrase: prompt.problem ? sshd.passphrase : 'wrong' }
  })
  await client.ask('ssh-connect', { sessionId: newId(), ...target(sshd) })
  expect(problems).toEqual([undefined, expect.stringContaining('passphrase')])
})

test('keyboard-interactive: the server asks, the person answers, echo off', async () => {
  const asked: Prompt[] = []
  const client = await connectClient((prompt) => {
    asked.push(prompt)
    return prompt.kind === 'keyboard-interactive'
      ? { kind: 'keyboard-interactive', responses: [questions.password] }
      : accept
  })
  await client.ask('ssh-connect', { sessionId: newId(), ...target(questions) })
  expect(asked[1]).toMatchObject({
    kind: 'keyboard-interactive',
    prompts: [{ text: expect.stringMatching(/password/i), echo: false }],
  })
})

test('keyboard-interactive: too few answers, and a cancel, end the attempt', async () => {
  const client = await connectClient((prompt) =>
    prompt.kind === 'keyboard-interactive' ? { kind: 'keyboard-interactive', responses: [] } : accept,
  )
  await expect(client.ask('ssh-connect', { sessionId: newId(), ...target(questions) })).rejects.toThrow('bad-request')
  const other = await connectClient((prompt) => (prompt.kind === 'host-key' ? accept : { kind: 'cancel' }))
  await expect(other.ask('ssh-connect', { sessionId: newId(), ...target(questions) })).rejects.toMatchObject({
    failure: { code: 'login-refused', message: expect.stringContaining('cancelled') },
  })
})

test('a client that cannot be asked logs in by password where the server only asks questions', async () => {
  const client = await connectClient()
  const { interactive: _, ...rest } = target(questions)
  await client.ask('ssh-connect', { sessionId: newId(), ...rest, password: questions.password })
  await expect(client.ask('ssh-connect', { sessionId: newId(), ...rest, password: 'wrong' })).rejects.toThrow(
    'login-refused',
  )
})

test('a question that nobody answers ends the attempt, and says which phase', async () => {
  const client = await connectClient((prompt) => (prompt.kind === 'host-key' ? accept : undefined))
  const sessionId = newId()
  await expect(client.ask('ssh-connect', { sessionId, ...target(sshd) })).rejects.toMatchObject({
    failure: { code: 'no-answer', retry: true },
  })
  await expect.poll(() => relay.dispatch.counts().prompts).toBe(0)
})

test('a question outlives the socket: whoever attaches is asked again', async () => {
  const client = await connectClient()
  const sessionId = newId()
  const key = attachKey()
  client.send('ssh-connect', { sessionId, ...target(sshd), password: sshd.password, resume: key.resume })
  const first = await client.next('ssh-prompt')
  client.close()
  const again = await connectClient()
  const { nonce, epoch } = await again.next('relay-hello')
  const attached = await again.ask<ServerPayload<'ssh-attached'>>('ssh-attach', {
    sessionId,
    offset: 0,
    signature: key.sign({ nonce, epoch, sessionId, offset: 0 }),
  })
  expect(attached.state).toBe('prompting')
  const second = await again.next('ssh-prompt')
  expect(second.promptId).toBe(first.promptId)
  expect(second.expiresInMs).toBeLessThanOrEqual(first.expiresInMs)
  again.send('ssh-answer', { sessionId, promptId: second.promptId, answer: accept })
  expect(await again.next('ssh-connected')).toEqual({ sessionId })
})

test('a chain of hops: each is asked for its own host key and login', async () => {
  const inner = await startSshd()
  const asked: string[] = []
  const client = await connectClient((prompt) => {
    asked.push(`${prompt.kind} ${prompt.port}`)
    return prompt.kind === 'host-key' ? accept : { kind: 'login', password: sshd.password }
  })
  const sessionId = newId()
  const { host, port, username } = sshd
  await client.ask('ssh-connect', { sessionId, ...target(inner), jump: [{ host, port, username }] })
  expect(asked).toEqual([
    `host-key ${sshd.port}`,
    `login ${sshd.port}`,
    `host-key ${inner.port}`,
    `login ${inner.port}`,
  ])
  client.send('ssh-data', { sessionId, data: 'echo "from $SSH_CONNECTION here"\n' })
  await client.shows(sessionId, /from 127.0.0.1 .* here/)
  const shut = inner.log()
  client.send('ssh-disconnect', { sessionId })
  await client.next('ssh-disconnected')
  await expect.poll(() => inner.log().length).toBeGreaterThan(shut.length)
  await inner.close()
})

test('a failed connect names the steps that were passed', async () => {
  const client = await connectClient((prompt) => (prompt.kind === 'host-key' ? accept : { kind: 'cancel' }))
  const error = client.next('ssh-error')
  client.send('ssh-connect', { sessionId: newId(), ...target(sshd) })
  const { steps } = await error
  expect(steps?.map(({ phase }) => phase)).toEqual(['connection', 'key-exchange', 'host-key'])
  expect(steps?.[0]?.found).toBe(`127.0.0.1, port ${sshd.port} answers`)
})

test('R-SRF-04 the policy holds for every hop of a chain, also where the hop before resolves the name', async () => {
  const strict = await startTestRelay({ deny: [`127.0.0.1:${questions.port}`, 'inner.example'] })
  const client = await Client.open(strict.url)
  client.onPrompt = (prompt) => (prompt.kind === 'host-key' ? accept : { kind: 'login', password: sshd.password })
  const { host, port, username } = sshd
  const through = { ...target(sshd), jump: [{ host, port, username }] }
  for (const denied of [
    { host: 'inner.example' },
    { host: 'INNER.example.' },
    { host: '127.0.0.1', port: questions.port },
  ]) {
    await expect(client.ask('ssh-connect', { sessionId: newId(), ...through, ...denied })).rejects.toMatchObject({
      failure: { code: 'target-denied', phase: 'connection' },
    })
  }
  const listed = await startTestRelay({ allow: [`127.0.0.1:${sshd.port}`, 'inner.example'] })
  const other = await Client.open(listed.url)
  other.onPrompt = client.onPrompt
  await expect(other.ask('ssh-connect', { sessionId: newId(), ...through, host: 'elsewhere.example' })).rejects.toThrow(
    'target-denied',
  )
  // Allowed, so it is the server of the hop that does not find it.
  await expect(other.ask('ssh-connect', { sessionId: newId(), ...through, host: 'inner.example' })).rejects.toThrow(
    'no-ssh-server',
  )
  client.close()
  other.close()
  await strict.close()
  await listed.close()
})
