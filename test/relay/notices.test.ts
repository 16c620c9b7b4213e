import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Answer, Prompt } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { type HostileServer, type Script, startHostile } from '../harness/hostileServer.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'

let relay: TestRelay
const open: (HostileServer | Client)[] = []

beforeAll(async () => {
  relay = await startTestRelay()
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
afterAll(() => relay.close())

let count = 0

type Login = NonNullable<Script['login']>
const method = ['keyboard-interactive'] as const

/** Connects to a server with such a login; answers codes with `123456` and notices as told. */
async function meet(login: Login, notice: Answer | undefined, more: object = { interactive: true }) {
  const server = await startHostile({ login })
  const client = await Client.open(relay.url)
  open.push(server, client)
  const asked: Prompt[] = []
  client.onPrompt = (prompt) => {
    asked.push(prompt)
    if (prompt.kind === 'host-key') return { kind: 'host-key', accept: true }
    if (prompt.kind !== 'keyboard-interactive') return { kind: 'cancel' }
    return prompt.prompts.length ? { kind: prompt.kind, responses: ['123456'] } : notice
  }
  const to = { host: '127.0.0.1', port: server.port, username: 'x' }
  const connecting = client.ask('ssh-connect', { sessionId: `noticed-${++count}`, ...to, binary: true, ...more })
  return { client, asked, connecting }
}

const read: Answer = { kind: 'keyboard-interactive', responses: [] }

/** A code, and before and after it words without a question. */
const wordy: Login = (context) => {
  if (context.method !== 'keyboard-interactive') return context.reject([...method])
  context.prompt([], 'Push', 'Sent to your phone.', (none) => {
    context.prompt([{ prompt: 'Code: ', echo: false }], 'Code', '', ([code]) => {
      if (code !== '123456' || none.length > 0) return context.reject([...method])
      context.prompt([], 'Notice', 'Your password runs out in 3 days.', () => context.accept())
    })
  })
}

test('rounds without a question are told with their words, and the login goes on when they were taken', async () => {
  const { asked, connecting } = await meet(wordy, read)
  await connecting
  expect(asked.slice(1)).toMatchObject([
    { kind: 'keyboard-interactive', name: 'Push', instructions: 'Sent to your phone.', prompts: [] },
    { kind: 'keyboard-interactive', name: 'Code', prompts: [{ text: 'Code: ' }] },
    { kind: 'keyboard-interactive', name: 'Notice', instructions: 'Your password runs out in 3 days.', prompts: [] },
  ])
})

test('a person who cancels at a notice is not logged in', async () => {
  const { connecting } = await meet(wordy, { kind: 'cancel' })
  await expect(connecting).rejects.toThrow('login-refused')
})

test('a server that hangs up while its notice is read ends the connect, and harms nothing', async () => {
  let hangUp = () => {}
  const { client, connecting } = await meet((context, wire) => {
    if (context.method !== 'keyboard-interactive') return context.reject([...method])
    hangUp = () => wire.socket.destroy()
    context.prompt([], 'Notice', 'Goodbye.', () => undefined)
  }, undefined)
  const outcome = expect(connecting).rejects.toThrow('no-answer')
  const { promptId } = await client.next('ssh-prompt', ({ prompt }) => prompt.kind === 'keyboard-interactive')
  hangUp()
  await outcome
  const late = client.ask('ssh-answer', { sessionId: `noticed-${count}`, promptId, answer: read })
  await expect(late).rejects.toThrow('no-session')
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
})

test('a notice takes no answers', async () => {
  const { connecting } = await meet(wordy, { kind: 'keyboard-interactive', responses: ['too much'] })
  await expect(connecting).rejects.toThrow('bad-request')
})

test('a round without a word, or for a client that cannot be asked, is answered silently', async () => {
  const silent: Login = (context) => {
    if (context.method !== 'keyboard-interactive') return context.reject([...method])
    context.prompt([], () => context.prompt([{ prompt: 'Password: ', echo: false }], () => context.accept()))
  }
  const asked = await meet(silent, read, { interactive: true, password: 'y' })
  await asked.connecting
  expect(asked.asked.map((one) => one.kind)).toEqual(['host-key'])
  const bare = await meet(wordy, read, { password: 'y' })
  await expect(bare.connecting).rejects.toThrow('login-refused')
  expect(bare.asked).toEqual([])
})

test('T-SRV-03 notices without end are cut off, and no more than 20 are told', async () => {
  const endless: Login = (context) => {
    if (context.method !== 'keyboard-interactive') return context.reject([...method])
    const again = () => context.prompt([], 'N', 'x'.repeat(10_000), again)
    again()
  }
  const { asked, connecting } = await meet(endless, read)
  await expect(connecting).rejects.toThrow('server-broke-protocol')
  const told = asked.filter((one) => one.kind === 'keyboard-interactive')
  expect(told.length).toBeLessThanOrEqual(20)
  expect(told[0]).toMatchObject({ instructions: 'x'.repeat(4096) })
})
