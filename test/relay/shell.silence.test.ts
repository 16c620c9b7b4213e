import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { attachKey, Client } from '../harness/client.ts'
import { startCut } from '../harness/cut.ts'
import { startTestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd()
})

afterAll(() => sshd.close())

/** A client in front of a flood, whose network then drops every packet until the relay has let its socket go. */
async function fallSilent(holdMs: number) {
  const relay = await startTestRelay({
    limits: { pingMs: 300, silenceMs: 1200, holdMs, log: 256 * 1024, window: 64 * 1024 },
  })
  const cut = await startCut(relay.port)
  const key = attachKey()
  const sessionId = randomUUID()
  const lines = 100_000
  const client = await Client.open(`http://127.0.0.1:${cut.port}`)
  client.onPrompt = () => ({ kind: 'host-key', accept: true })
  await client.next('relay-hello')
  const { host, port, username, password } = sshd
  await client.ask('ssh-connect', {
    sessionId,
    ...{ host, port, username, password },
    interactive: true,
    binary: true,
    resume: key.resume,
    command: `seq ${lines}; touch $HOME/${sessionId}; cat`,
  })
  await client.shows(sessionId, '10')
  const rendered = client.heard('ssh-data').reduce((sum, { data }) => sum + Buffer.byteLength(data), 0)
  cut.silent = true
  const closed = () => relay.events.some(({ event, reason }) => event === 'socket-close' && reason === 'ping timeout')
  while (!closed()) await new Promise((resolve) => setTimeout(resolve, 20))
  const expected = Array.from({ length: lines }, (_, at) => `${at + 1}\r\n`).join('')
  return {
    relay,
    rendered,
    had: client.output(sessionId).slice(0, rendered),
    expected,
    /** Made by the program once it has written everything. */
    over: join(sshd.home, sessionId),
    /** Attaches from what was rendered; gives the rest of the output. */
    async comeBack() {
      const again = await Client.open(relay.url)
      again.acknowledges = true
      const { nonce, epoch } = await again.next('relay-hello')
      const signature = key.sign({ nonce, epoch, sessionId, offset: rendered })
      const attached = await again.ask<ServerPayload<'ssh-attached'>>('ssh-attach', {
        sessionId,
        offset: rendered,
        signature,
      })
      await again.shows(sessionId, /(^|\n)100000\r\n/)
      again.close()
      return { missing: attached.missing, rest: again.output(sessionId) }
    },
    async close() {
      client.close()
      await cut.close()
      await relay.close()
      await rm(join(sshd.home, sessionId), { force: true })
    },
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('N-HLF-01 N-SLO-01 a client that falls silent is let go, and finds all of a flood when it had only stalled', async () => {
  const scene = await fallSilent(60_000)
  expect(existsSync(scene.over)).toBe(false)
  const { missing, rest } = await scene.comeBack()
  expect(missing).toBe(0)
  expect(sha256(scene.had + rest)).toBe(sha256(scene.expected))
  await scene.close()
})

test('one that does not come back for longer holds the program up no more', async () => {
  const scene = await fallSilent(0)
  while (!existsSync(scene.over)) await new Promise((resolve) => setTimeout(resolve, 20))
  const { missing, rest } = await scene.comeBack()
  expect(missing).toBeGreaterThan(0)
  expect(scene.rendered + missing + rest.length).toBe(scene.expected.length)
  await scene.close()
})
