import { afterAll, beforeAll, expect, test } from 'vitest'
import { chance } from '../harness/chance.ts'
import type { ClientOptions } from '../harness/client.ts'
import { type Cut, startCut } from '../harness/cut.ts'
import { startDoubling } from '../harness/doubling.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { cutting, type Streamed, streamThrough, type Weather } from '../harness/returning.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd
let relay: TestRelay

beforeAll(async () => {
  sshd = await startSshd(['MaxStartups 200', 'MaxSessions 200'])
  relay = await startTestRelay({ limits: { connectBurst: 1000, pendingConnects: 100 } })
}, 60_000)

afterAll(async () => {
  await relay?.close()
  await sshd?.close()
})

const connect = (sessionId: string) => {
  const { host, port, username, password } = sshd
  return { sessionId, host, port, username, password, interactive: true, binary: true } as { sessionId: string }
}

function expectExact(streamed: Streamed, attached: number): void {
  expect(streamed).toMatchObject({
    lost: 0,
    doubled: 0,
    bytes: streamed.expectedBytes,
    output: streamed.expected,
  })
  expect(streamed.attached).toBeGreaterThanOrEqual(attached)
}

async function streamThroughCuts(
  name: string,
  cuts: number,
  options: ClientOptions = {},
  weather?: (cut: Cut) => void,
) {
  const cut = await startCut(relay.port)
  weather?.(cut)
  const random = chance(cut.port)
  const url = `http://127.0.0.1:${cut.port}`
  const streamed = await streamThrough(url, connect(name), cuts, cutting(cut, random), options)
  await cut.close()
  return streamed
}

test('N-RPL-01 fifty sessions, a thousand cuts each in the middle of a stream both ways: all arrive exactly', async () => {
  const cuts = 1000
  const all = await Promise.all(Array.from({ length: 50 }, (_, n) => streamThroughCuts(`many-${n}`, cuts)))
  for (const streamed of all) expectExact(streamed, cuts / 4)
  expect(relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  expect(relay.events.filter(({ event }) => event === 'bug')).toEqual([])
})

test('N-RPL-01 a slow and lossy line, cut thirty times: 150 ms, as much again by chance, one piece in a hundred lost', async () => {
  const lossy = (cut: Cut) => Object.assign(cut, { delay: 150, jitter: 150, stalls: 1 })
  const all = await Promise.all(Array.from({ length: 10 }, (_, n) => streamThroughCuts(`lossy-${n}`, 30, {}, lossy)))
  for (const streamed of all) expectExact(streamed, 10)
})

test.each<[string, ClientOptions]>([
  ['polls', { transports: ['polling'] }],
  ['upgrades from polling', { transports: ['polling', 'websocket'] }],
])('N-RPL-05 a client that %s is cut a hundred times: all arrives exactly', async (how, options) => {
  const all = await Promise.all(
    Array.from({ length: 5 }, (_, n) => streamThroughCuts(`${how.slice(0, 3)}-${n}`, 100, options)),
  )
  for (const streamed of all) expectExact(streamed, 20)
})

test('N-RPL-05 a proxy that sends requests twice: what is typed comes once, and what comes is exact', async () => {
  const proxy = await startDoubling(relay.port)
  const url = `http://127.0.0.1:${proxy.port}`
  // Where that is too much for the transport the client comes back.
  const doubling: Weather = async (me, last) => {
    await new Promise(setImmediate)
    proxy.doubles = !last
    if (me.client.gone) await me.comeBack().catch(() => undefined)
    return 0
  }
  const streamed = await streamThrough(url, connect('doubled'), 300, doubling, { transports: ['polling'] })
  expectExact(streamed, 0)
  expect(proxy.doubled).toBeGreaterThan(5)
  await proxy.close()
})
