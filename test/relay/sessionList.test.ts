import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { attachKey, Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd
let relay: TestRelay
const open: Client[] = []

beforeAll(async () => {
  sshd = await startSshd()
})
afterEach(async () => {
  for (const client of open.splice(0)) client.close()
  await relay.close()
})
afterAll(() => sshd.close())

async function connectClient(): Promise<Client> {
  const client = await Client.open(relay.url)
  open.push(client)
  return client
}

const login = () => ({
  host: sshd.host,
  port: sshd.port,
  username: sshd.username,
  password: sshd.password,
  binary: true,
})

const list = async (client: Client) =>
  (await client.ask<ServerPayload<'session-list-result'>>('session-list', {})).sessions

test('R-SES-04 a login sees its shells and commands from every socket, and no secret of them', async () => {
  relay = await startTestRelay()
  const [here, there] = [await connectClient(), await connectClient()]
  const command = 'sleep 100; : whatever'
  await here.ask('ssh-connect', { sessionId: 'shell', ...login(), resume: attachKey().resume })
  await here.ask('ssh-connect', { sessionId: 'command', ...login(), command, env: { WORD: 'canary' } })
  await here.ask('sftp-connect', { sessionId: 'files', session: 'shell' })
  await here.shows('shell', '$')
  const { host, port, username } = login()
  const [shell, run, ...more] = await list(there)
  expect(more).toEqual([])
  expect(shell).toMatchObject({ sessionId: 'shell', host, port, username, jump: [], state: 'open', resumable: true })
  expect(shell?.bytes).toBeGreaterThan(0)
  expect(shell?.quietMs).toBeLessThanOrEqual(shell?.ageMs ?? 0)
  expect(run).toMatchObject({ sessionId: 'command', command, resumable: false, attached: 'elsewhere' })
  expect((await list(here)).map(({ attached }) => attached)).toEqual(['here', 'here'])
  expect(JSON.stringify(await list(there))).not.toMatch(new RegExp(`${sshd.password}|canary`))
})

test('a long command is listed up to its bound, and says that it is not whole', async () => {
  relay = await startTestRelay()
  const here = await connectClient()
  const command = `sleep 100; ${'😀'.repeat(5000)}`
  await here.ask('ssh-connect', { sessionId: 'long', ...login(), command })
  const [long] = await list(here)
  expect(long?.commandCut).toBe(true)
  expect(command.startsWith((long?.command ?? '').slice(0, -1))).toBe(true)
  expect(long?.command?.length).toBeLessThanOrEqual(1025)
  expect(long?.command?.isWellFormed()).toBe(true)
})

test('a session that is let go runs on without a socket; one that cannot be taken up is not let go', async () => {
  relay = await startTestRelay()
  const here = await connectClient()
  await here.ask('ssh-connect', { sessionId: 'kept', ...login(), resume: attachKey().resume })
  await here.ask('ssh-connect', { sessionId: 'plain', ...login() })
  expect(await here.ask('ssh-detach', { sessionId: 'kept' })).toEqual({ sessionId: 'kept' })
  await expect(here.ask('ssh-detach', { sessionId: 'plain' })).rejects.toThrow('session-state')
  await expect(here.ask('ssh-data', { sessionId: 'kept', data: 'x' })).rejects.toThrow('no-session')
  expect(await list(here)).toMatchObject([
    { sessionId: 'kept', state: 'detached', attached: 'nobody' },
    { sessionId: 'plain', attached: 'here' },
  ])
})

test('a session is ended from any socket of its principal, and whoever has it is told once', async () => {
  relay = await startTestRelay()
  const [here, there] = [await connectClient(), await connectClient()]
  await here.ask('ssh-connect', { sessionId: 'one', ...login() })
  await here.ask('ssh-connect', { sessionId: 'two', ...login() })
  expect(await there.ask('session-end', { sessionId: 'one' })).toEqual({ sessionId: 'one', reason: 'closed' })
  await here.ask('session-end', { sessionId: 'two' })
  await here.ask('relay-ping', {})
  expect(here.heard('ssh-disconnected').map(({ sessionId }) => sessionId)).toEqual(['one', 'two'])
  await expect(there.ask('session-end', { sessionId: 'one' })).rejects.toThrow('no-session')
  expect(await list(there)).toEqual([])
})

test('R-RTE-01 who asks for the list without end is told to wait', async () => {
  relay = await startTestRelay()
  const here = await connectClient()
  const asked = await Promise.allSettled(Array.from({ length: 100 }, () => list(here)))
  const refused = asked.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(50)
  expect(refused[0]).toMatchObject({ reason: { failure: { code: 'too-many-requests', retry: true } } })
})
