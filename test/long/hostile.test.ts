import { expect, test } from 'vitest'
import { Client } from '../harness/client.ts'
import { message, startHostile } from '../harness/hostileServer.ts'
import { meetMutants } from '../harness/mutant.ts'
import { startTestRelay } from '../harness/relay.ts'
import { startSshd } from '../harness/sshd.ts'
import { footprint } from '../harness/visits.ts'

const MiB = 1024 * 1024

test('T-SRV-06 a million changed bytes: failures and shells, never a bug', async () => {
  const relay = await startTestRelay({
    limits: { keyExchangeMs: 2000, loginMs: 2000, connectBurst: 10_000, connectsPerSecond: 1000 },
  })
  const { outcomes, bytes } = await meetMutants(relay, { bytes: 1_000_000, seed: 5 })
  expect(bytes).toBeGreaterThanOrEqual(1_000_000)
  expect(Object.keys(outcomes)).not.toContain('internal')
  expect(relay.events.filter(({ event }) => event === 'bug')).toEqual([])
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  await relay.close()
})

test('T-SRV-05 requests without end of a server that reads no answer: cut off, before they cost memory', async () => {
  const relay = await startTestRelay()
  const server = await startHostile({
    shell: (start, wire) => {
      start()
      wire.socket.pause()
      const more = () => {
        if (wire.socket.destroyed) return
        let taken = true
        for (let turn = 0; turn < 500; turn++) {
          wire.send(message.globalRequest, 'keepalive@openssh.com', true)
          taken = wire.socket.writableLength < MiB
        }
        if (taken) setImmediate(more)
        else wire.socket.once('drain', more)
      }
      more()
    },
  })
  const client = await Client.open(relay.url)
  const before = footprint().heap
  const connect = { sessionId: 'unread', host: '127.0.0.1', port: server.port, username: 'x', password: 'y' }
  await client.ask('ssh-connect', { ...connect, binary: true })
  expect(await client.next('ssh-error')).toMatchObject({ code: 'server-broke-protocol' })
  expect(footprint().heap - before).toBeLessThan(8 * MiB)
  await expect.poll(() => server.held()).toBe(0)
  client.close()
  await relay.close()
  await server.close()
})

test('T-SRV-07 a minute of yes, then Ctrl-C: it stops, and memory is flat', async () => {
  const sshd = await startSshd()
  const relay = await startTestRelay()
  const client = await Client.open(relay.url)
  const { host, port, username, password } = sshd
  // Not kept, unlike what `Client` hears.
  let bytes = 0
  let tail = ''
  client.socket.off('ssh-data')
  client.socket.on(
    'ssh-data',
    ({ sessionId, data, offset }: { sessionId: string; data: Uint8Array; offset: number }) => {
      bytes += Buffer.byteLength(data)
      tail = (tail + Buffer.from(data).toString('latin1')).slice(-200)
      client.send('ssh-ack', { sessionId, offset: offset + Buffer.byteLength(data) })
    },
  )
  await client.ask('ssh-connect', { sessionId: 'yes', host, port, username, password, binary: true })
  client.send('ssh-data', { sessionId: 'yes', data: "PS1='at-the-''prompt '; yes\n" })
  await expect.poll(() => bytes, { timeout: 10_000 }).toBeGreaterThan(8 * MiB)
  const before = footprint().heap
  await new Promise((resolve) => setTimeout(resolve, 60_000))
  expect(bytes).toBeGreaterThan(100 * MiB)
  expect(footprint().heap - before).toBeLessThan(8 * MiB)
  client.send('ssh-data', { sessionId: 'yes', data: '\u0003' })
  await expect.poll(() => tail, { timeout: 10_000 }).toContain('at-the-prompt')
  await client.ask('ssh-disconnect', { sessionId: 'yes' })
  client.close()
  await relay.close()
  await sshd.close()
})
