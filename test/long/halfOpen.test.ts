import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Link } from '../../pwa/model/link.ts'
import { Client } from '../harness/client.ts'
import { startCut } from '../harness/cut.ts'
import { startTestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd()
})

afterAll(() => sshd?.close())

/** What CHECKS gives either side of a network that drops every packet, and a second for a busy machine. */
const within = { timeout: 46_000, interval: 100 }

test.concurrent.each([true, 'there', 'back'] as const)(
  'N-HLF-01 page and relay notice within 45 s that packets are dropped, with the times as they are (%s)',
  async (way) => {
    const relay = await startTestRelay()
    const cut = await startCut(relay.port)
    const link = new Link(`http://127.0.0.1:${cut.port}`, () => undefined)
    await expect.poll(() => link.state.value).toBe('online')
    cut.silent = way
    await Promise.all([
      vi.waitFor(() => expect(link.state.value).toBe('offline'), within),
      vi.waitFor(
        () =>
          expect(relay.events).toContainEqual(
            expect.objectContaining({ event: 'socket-close', reason: 'ping timeout' }),
          ),
        within,
      ),
    ])
    link.close()
    await cut.close()
    await relay.close()
  },
)

test.concurrent('N-HLF-01 a host that is no more there is noticed by three keepalives of 15 s', async () => {
  const relay = await startTestRelay()
  const cut = await startCut(sshd.port)
  const client = await Client.open(relay.url)
  client.onPrompt = () => ({ kind: 'host-key', accept: true })
  const sessionId = randomUUID()
  const { host, username, password } = sshd
  await client.ask('ssh-connect', {
    sessionId,
    ...{ host, port: cut.port, username, password },
    interactive: true,
  })
  cut.silent = true
  // The first goes out within 15 s, and the fourth finds that three are missing.
  const ended = () => client.heard('ssh-disconnected').find((one) => one.sessionId === sessionId)
  await vi.waitFor(() => expect(ended()).toMatchObject({ reason: 'failure' }), { timeout: 61_000, interval: 100 })
  expect(client.heard('ssh-error').find((one) => one.sessionId === sessionId)?.code).toBe('server-disconnected')
  client.close()
  await cut.close()
  await relay.close()
})
