import { expect, test } from 'vitest'
import { Client, type Refused } from '../harness/client.ts'
import { startHostile } from '../harness/hostileServer.ts'
import { startTestRelay } from '../harness/relay.ts'
import { freePort } from '../harness/sshd.ts'

test('R-RTE-02 thousands of connects to a closed port: ten under way, sixty in all', async () => {
  const relay = await startTestRelay({ limits: { connectsPerSecond: 1 } })
  const client = await Client.open(relay.url)
  const port = await freePort()
  let most = 0
  const codes: Record<string, number> = {}
  await Promise.all(
    Array.from({ length: 2000 }, (_, turn) =>
      client
        .ask('ssh-connect', { sessionId: `${turn}`, host: '127.0.0.1', port, username: 'x', password: 'y' })
        .catch(({ failure }: Refused) => {
          codes[failure.code] = (codes[failure.code] ?? 0) + 1
          most = Math.max(most, relay.dispatch.counts().sessions)
        }),
    ),
  )
  expect(Object.keys(codes).sort()).toEqual(['no-ssh-server', 'too-many-requests'])
  expect(codes['no-ssh-server']).toBeLessThanOrEqual(60)
  expect(codes['no-ssh-server']).toBeGreaterThanOrEqual(10)
  expect(most).toBeLessThanOrEqual(10)
  expect(relay.dispatch.counts().sessions).toBe(0)
  client.close()
  await relay.close()
})

test('R-RTE-01 a socket that floods is closed while the shell of another goes on', async () => {
  const relay = await startTestRelay({ limits: { eventsPerSecond: 100, eventBurst: 1000 } })
  const server = await startHostile({})
  const other = await Client.open(relay.url)
  await other.ask('ssh-connect', { sessionId: 'o', host: '127.0.0.1', port: server.port, username: 'x', password: 'y' })
  const flood = await Client.open(relay.url)
  const gone = new Promise<void>((resolve) => flood.socket.once('disconnect', () => resolve()))
  for (let turn = 0; turn < 20_000; turn++) flood.send('ssh-data', { sessionId: 'o', data: 'x' })
  other.send('ssh-data', { sessionId: 'o', data: 'during' })
  await gone
  other.send('ssh-data', { sessionId: 'o', data: ', and after' })
  await other.shows('o', 'during, and after')
  expect(relay.events.filter(({ event }) => event === 'flood')).toHaveLength(1)
  other.close()
  await relay.close()
  await server.close()
})
