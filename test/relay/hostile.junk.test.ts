import { afterAll, beforeAll, expect, test } from 'vitest'
import { chance } from '../harness/chance.ts'
import { Client, type Refused } from '../harness/client.ts'
import { meetMutants, startFlipper } from '../harness/mutant.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd
let relay: TestRelay

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay({
    limits: { identMs: 500, keyExchangeMs: 1000, loginMs: 2000, connectBurst: 10_000, pendingConnects: 100 },
  })
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
})

const login = (port = sshd.port) => ({ host: '127.0.0.1', port, username: sshd.username, password: sshd.password })

/** What must hold whatever came: no bug, nothing left, and a good server is reached as before. */
async function unharmed() {
  await expect.poll(() => relay.dispatch.counts(), { timeout: 10_000 }).toEqual({ sessions: 0, prompts: 0 })
  expect(relay.events.filter(({ event }) => event === 'bug')).toEqual([])
  const client = await Client.open(relay.url)
  await client.ask('ssh-connect', { sessionId: 'good', ...login() })
  client.send('ssh-data', { sessionId: 'good', data: 'echo still-"good"\n' })
  await client.shows('good', 'still-good')
  client.close()
}

test('T-SRV-06 bits of a server turned over before the login: each connect fails, and says where', async () => {
  const flipper = await startFlipper(sshd.port, { seed: 1, every: 100 })
  const random = chance(2)
  const client = await Client.open(relay.url)
  const connects = Array.from({ length: 30 }, async (_, turn) => {
    flipper.from = random(1200)
    const connect = { sessionId: `flipped-${turn}`, ...login(flipper.port) }
    const failure = await client.ask('ssh-connect', connect).then(
      () => expect.unreachable(),
      (error: Refused) => error.failure,
    )
    expect(failure).toMatchObject({ phase: expect.stringMatching(/^(connection|key-exchange|host-key|login)$/) })
    expect(failure.code).not.toBe('internal')
  })
  await Promise.all(connects)
  expect(flipper.flipped).toBeGreaterThanOrEqual(30)
  client.close()
  await flipper.close()
  await unharmed()
})

test('T-SRV-06 bits turned over in a shell: it ends, and says so', async () => {
  const flipper = await startFlipper(sshd.port, { seed: 3, every: 1000 })
  flipper.from = 20_000
  const client = await Client.open(relay.url)
  client.acknowledges = true
  for (let turn = 0; turn < 8; turn++) {
    const sessionId = `shell-${turn}`
    client.send('ssh-connect', { sessionId, ...login(flipper.port), binary: true, command: 'seq 1 100000' })
    const failure = await client.next('ssh-error', (one) => one.sessionId === sessionId)
    expect(failure.code).toMatch(/^server-(broke-protocol|disconnected)$/)
  }
  client.close()
  await flipper.close()
  await unharmed()
})

test('T-SRV-06 messages changed before they are encrypted: a failure or a shell, never a bug', async () => {
  const { outcomes, bytes } = await meetMutants(relay, { bytes: 20_000, seed: 4 })
  expect(bytes).toBeGreaterThanOrEqual(20_000)
  expect(Object.keys(outcomes)).not.toContain('internal')
  expect(outcomes['server-broke-protocol']).toBeGreaterThan(0)
  await unharmed()
})
