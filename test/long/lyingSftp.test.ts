import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { type LyingSftp, lies, type SftpLie, startLyingSftp } from '../harness/lyingSftp.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'

type Page = ServerPayload<'sftp-list-result'>

let liar: LyingSftp
let relay: TestRelay
let client: Client
let sessions = 0

beforeAll(async () => {
  liar = await startLyingSftp({ '/dir/in': Buffer.from('in') })
  relay = await startTestRelay()
  client = await Client.open(relay.url)
})
afterAll(async () => {
  client.close()
  await relay.close()
  await liar.close()
})

async function connect(lie: SftpLie) {
  liar.lie = lie
  sessions += 1
  const sessionId = `files ${sessions}`
  const { host, port, username, password } = liar
  await client.ask('sftp-connect', { sessionId, host, port, username, password })
  const ask = <T = unknown>(event: Parameters<Client['ask']>[0], payload: object = {}) =>
    client.ask<T>(event, { sessionId, ...payload })
  return { ask }
}

test('S-LST-01 a listing without end is cut at 200,000 entries', async () => {
  const { ask } = await connect(lies.endlessListing())
  const { entries, more } = await listAll(ask, 1000)
  expect({ entries, more }).toEqual({ entries: 200_000, more: true })
  await ask('sftp-disconnect')
}, 60_000)

/** Lists by pages to the end that the relay sets. */
async function listAll(ask: <T>(event: 'sftp-list', payload: object) => Promise<T>, page: number) {
  let entries = 0
  for (let cursor: string | undefined; ; ) {
    const list: Page = await ask('sftp-list', { path: '/dir', page, ...(cursor && { cursor }) })
    entries += list.files.length + (list.dropped ?? 0)
    cursor = list.cursor
    if (cursor === undefined) return { entries, more: list.more }
  }
}

test('S-LST-01 100,000 names of 4 KB are cut at 64 MiB, and the rest is not asked for', async () => {
  const { ask } = await connect(lies.longNames(100_000, 4096))
  const { entries, more } = await listAll(ask, 200)
  expect(more).toBe(true)
  expect(entries).toBeLessThanOrEqual((64 * 1024 * 1024) / 4096 + 200)
  await ask('sftp-disconnect')
}, 60_000)
