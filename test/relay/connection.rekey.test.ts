import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { attachKey, Client } from '../harness/client.ts'
import { startHostile } from '../harness/hostileServer.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'
import { makeSshKey } from '../harness/sshKey.ts'

let relay: TestRelay
const open: Client[] = []

beforeAll(async () => {
  relay = await startTestRelay()
})
afterEach(() => {
  for (const client of open.splice(0)) client.close()
})
afterAll(() => relay.close())

async function connectClient(): Promise<Client> {
  const client = await Client.open(relay.url)
  client.acknowledges = true
  client.onPrompt = (prompt) => (prompt.kind === 'host-key' ? { kind: 'host-key', accept: true } : { kind: 'cancel' })
  open.push(client)
  return client
}

const LINE = 'fairlead-\n'
const lines = Buffer.from(LINE.repeat(100_000))

/** Follows output that is the same line again and again: gives the offset that it has reached without a stray byte. */
function follow(client: Client, sessionId: string, from: number): () => number {
  let at = from
  let seen = 0
  return () => {
    const all = client.heard('ssh-data')
    for (; seen < all.length; seen++) {
      const { sessionId: of, data, offset } = all[seen] as ServerPayload<'ssh-data'>
      const bytes = Buffer.from(data as Uint8Array)
      const start = at % LINE.length
      if (of !== sessionId || offset !== at || !bytes.equals(lines.subarray(start, start + bytes.length))) break
      at += bytes.length
    }
    return at
  }
}

const exchanges = (sshd: Sshd) => sshd.log().match(/SSH2_MSG_NEWKEYS sent/g)?.length ?? 0

test('A-HK-06 fifty key exchanges, with somebody attached and with nobody: no question, every byte in its place', async () => {
  const sshd = await startSshd(['RekeyLimit 1M', 'LogLevel DEBUG1'])
  const [attached, alone] = [45_000_000, 10_000_000]
  const done = join(sshd.home, `rekeyed-${process.pid}`)
  const client = await connectClient()
  const sessionId = 'rekeyed'
  const key = attachKey()
  const { host, port, username, password } = sshd
  const say = (bytes: number) => `yes ${LINE.trim()} | head -c ${bytes}`
  const command = `stty raw -echo; ${say(attached)}; head -c 1 >/dev/null; ${say(alone)}; touch ${done}; sleep 600`
  const login = { host, port, username, password, interactive: true, binary: true, resume: key.resume }
  await client.ask('ssh-connect', { sessionId, ...login, command })
  const reached = follow(client, sessionId, 0)
  await client.until(() => reached() === attached || undefined)
  const before = exchanges(sshd)
  client.send('ssh-data', { sessionId, data: 'x' })
  await client.next('ssh-ack')
  client.close()
  await expect.poll(() => existsSync(done), { timeout: 20_000 }).toBe(true)
  await expect.poll(() => exchanges(sshd)).toBeGreaterThanOrEqual(50)
  expect(exchanges(sshd)).toBeGreaterThan(before)

  const again = await connectClient()
  const { nonce, epoch } = await again.next('relay-hello')
  const { offset } = await again.ask<ServerPayload<'ssh-attached'>>('ssh-attach', {
    sessionId,
    offset: attached,
    signature: key.sign({ nonce, epoch, sessionId, offset: attached }),
  })
  const reachedAgain = follow(again, sessionId, offset)
  await again.until(() => reachedAgain() === attached + alone || undefined)
  expect(client.heard('ssh-prompt')).toHaveLength(1)
  expect(again.heard('ssh-prompt')).toEqual([])
  await again.ask('ssh-disconnect', { sessionId })
  await rm(done)
  await sshd.close()
}, 60_000)

test('A-HK-06 another key at a later key exchange ends the connection', async () => {
  const key = await makeSshKey('/tmp/fairlead-rekey-other')
  await Promise.all([rm(key.file), rm(`${key.file}.pub`)])
  const server = await startHostile({
    shell: (start, wire) => {
      const channel = start()
      channel.on('data', () => {
        // What is replaced is private to ssh2, which is pinned.
        const { _protocol: protocol } = wire.connection as unknown as { _protocol: { _hostKeys: object } }
        const other = ssh2.utils.parseKey(key.private)
        if (!(other instanceof Error)) protocol._hostKeys = { 'ssh-ed25519': other }
        wire.rekey()
      })
    },
  })
  const client = await connectClient()
  const sessionId = 'swapped'
  const login = { host: '127.0.0.1', port: server.port, username: 'x', password: 'y', interactive: true, binary: true }
  await client.ask('ssh-connect', { sessionId, ...login })
  client.send('ssh-data', { sessionId, data: 'swap' })
  const ended = await client.next('ssh-disconnected')
  expect(ended).toMatchObject({ sessionId, reason: 'failure' })
  expect(client.heard('ssh-error')).toMatchObject([{ code: 'host-key-refused' }])
  expect(client.heard('ssh-prompt')).toHaveLength(1)
  await expect.poll(() => server.held()).toBe(0)
  await server.close()
})
