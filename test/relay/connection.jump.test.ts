import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Answer, Prompt } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let way: Sshd[]
let relay: TestRelay

beforeAll(async () => {
  way = await Promise.all([startSshd(), startSshd(), startSshd(), startSshd()])
  relay = await startTestRelay({ limits: { connectBurst: 1000 } })
})
afterAll(async () => {
  await relay.close()
  await Promise.all(way.map((sshd) => sshd.close()))
})

const place = ({ host, port, username }: Sshd) => ({ host, port, username })
const withPassword = (sshd: Sshd) => ({ ...place(sshd), password: sshd.password })
const withKey = (sshd: Sshd) => ({ ...place(sshd), privateKey: sshd.privateKey })
/** How an sshd was logged in to, by its log. */
const logins = (sshd: Sshd) => sshd.log().match(/Accepted \w+/g) ?? []

test('a chain of four: each hop has its own host key and login, and each sees the one before', async () => {
  const [first, second, third, last] = way as [Sshd, Sshd, Sshd, Sshd]
  const client = await Client.open(relay.url)
  const asked: Prompt[] = []
  client.onPrompt = (prompt): Answer => {
    asked.push(prompt)
    if (prompt.kind === 'host-key') return { kind: 'host-key', accept: true }
    return { kind: 'login', password: second.password }
  }
  const jump = [withKey(first), place(second), withPassword(third)]
  const to = { ...withKey(last), jump, interactive: true, binary: true }
  await client.ask('ssh-connect', { sessionId: 'chain', ...to })
  expect(asked.map(({ kind, port }) => [kind, port])).toEqual([
    ['host-key', first.port],
    ['host-key', second.port],
    ['login', second.port],
    ['host-key', third.port],
    ['host-key', last.port],
  ])
  const keys = asked.flatMap((prompt) => (prompt.kind === 'host-key' ? [prompt.key] : []))
  expect(keys).toEqual(way.map((sshd) => sshd.hostKey))
  expect(way.map(logins)).toEqual([
    ['Accepted publickey'],
    ['Accepted password'],
    ['Accepted password'],
    ['Accepted publickey'],
  ])
  client.send('ssh-data', { sessionId: 'chain', data: 'set -- $SSH_CONNECTION; echo "port" $4\n' })
  await client.shows('chain', `port ${last.port}`)

  // All of it is shared, and let go of when the last session has ended.
  expect(await client.ask('ssh-connect', { sessionId: 'more', ...to, session: 'chain' })).toMatchObject({
    shared: true,
  })
  expect(asked).toHaveLength(5)
  await client.ask('ssh-disconnect', { sessionId: 'chain' })
  client.send('ssh-data', { sessionId: 'more', data: 'echo still-"here"\n' })
  await client.shows('more', 'still-here')
  await client.ask('ssh-disconnect', { sessionId: 'more' })
  for (const sshd of way)
    await expect
      .poll(() => sshd.log(), { timeout: 10_000 })
      .toMatch(/(Disconnected from|Connection closed by|disconnected by) user/)
  client.close()
})

test('what goes wrong at one hop is told with its phase, and the hops before are let go of', async () => {
  const [first, second, third] = way as [Sshd, Sshd, Sshd]
  const client = await Client.open(relay.url)
  const failing: [code: string, phase: string, second: object][] = [
    ['login-refused', 'login', { ...place(second), password: 'not this one' }],
    ['no-ssh-server', 'connection', { ...withPassword(second), port: 1 }],
    ['bad-private-key', 'login', { ...place(second), privateKey: 'junk' }],
  ]
  for (const [code, phase, hop] of failing) {
    const before = first.log().length
    const chain = { ...withPassword(third), jump: [withPassword(first), hop] }
    await expect(client.ask('ssh-connect', { sessionId: code, ...chain })).rejects.toMatchObject({
      failure: { code, phase },
    })
    await expect
      .poll(() => first.log().slice(before), { timeout: 10_000 })
      .toMatch(/Accepted[\s\S]*(isconnected|closed)/)
  }
  await expect(
    client.ask('ssh-connect', { sessionId: 'long', ...withPassword(third), jump: Array(9).fill(withPassword(first)) }),
  ).rejects.toThrow('bad-request')
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  client.close()
})

test('the bound of eight hops is reached, through one host after the other', async () => {
  const client = await Client.open(relay.url)
  const jump = Array.from({ length: 8 }, (_, hop) => withPassword(way[hop % 3] as Sshd))
  await client.ask('ssh-connect', { sessionId: 'far', ...withPassword(way[3] as Sshd), jump })
  client.send('ssh-data', { sessionId: 'far', data: 'echo far-"away"\n' })
  await client.shows('far', 'far-away')
  client.close()
})
