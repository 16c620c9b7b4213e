import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Answer } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let relay: TestRelay
let sshd: Sshd

beforeAll(async () => {
  relay = await startTestRelay()
  sshd = await startSshd(['LoginGraceTime 900'])
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
})

const accept: Answer = { kind: 'host-key', accept: true }
const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000))
const login = () => {
  const { host, port, username, password } = sshd
  return { host, port, username, password, interactive: true, binary: true }
}

test('A-HK-07 a person who thinks for nearly 90 seconds gets in', async () => {
  const client = await Client.open(relay.url)
  client.send('ssh-connect', { sessionId: 'slow', ...login() })
  const { promptId } = await client.next('ssh-prompt')
  await seconds(85)
  await client.ask('ssh-answer', { sessionId: 'slow', promptId, answer: accept })
  await client.next('ssh-connected')
  client.close()
})

test(
  'A-HK-07 a person who thinks for ten minutes does not, and the server is let go long before',
  async () => {
    const client = await Client.open(relay.url)
    client.send('ssh-connect', { sessionId: 'away', ...login() })
    const { promptId } = await client.next('ssh-prompt')
    const log = sshd.log().length
    expect(await client.next('ssh-error')).toMatchObject({ code: 'no-answer', retry: true })
    await expect.poll(() => sshd.log().slice(log)).toMatch(/Connection (closed|reset)/)
    await seconds(510)
    await expect(client.ask('ssh-answer', { sessionId: 'away', promptId, answer: accept })).rejects.toThrow(
      'no-session',
    )
    expect(relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
    client.close()
  },
  15 * 60_000,
)
