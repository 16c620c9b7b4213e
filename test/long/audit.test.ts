import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testHost } from '../harness/builtInHost.ts'
import { Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { freePort } from '../harness/sshd.ts'

let relay: TestRelay

beforeAll(async () => {
  relay = await startTestRelay()
})

afterAll(() => relay?.close())

/** What ssh-audit finds fault with, as `level kind algorithm`. @param meanwhile runs beside it until it is done */
async function audit(options: string[], meanwhile?: (over: AbortSignal) => Promise<void>): Promise<string[]> {
  const program = spawn('ssh-audit', ['--no-colors', '--batch', '--level=warn', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  const over = new AbortController()
  const ended = once(program, 'exit').finally(() => over.abort())
  let said = ''
  program.stdout.on('data', (chunk) => {
    said += chunk
  })
  await Promise.all([meanwhile?.(over.signal), ended])
  const faults = [...said.matchAll(/^\((kex|key|enc|mac)\) (\S+) +(?:\([^)]*\) )?-- \[(fail|warn)\] (.*)$/gm)]
  // Newer than what Debian's ssh-audit has heard of: strict key exchange.
  const known = faults.filter(([, , , , why]) => why !== 'unknown algorithm')
  return [...new Set(known.map(([, kind, algorithm, level]) => `${level} ${kind} ${algorithm}`))]
}

test('A-ALG-02 ssh-audit faults the relay as a client for the curves of NIST and for MACs of older servers alone', async () => {
  const port = await freePort()
  const client = await Client.open(relay.url)
  const faults = await audit(['--client-audit', '--port', String(port)], async (over) => {
    // It listens when it is ready, and says nothing of it.
    for (let n = 0; !over.aborted; n++) {
      const login = { sessionId: `audit${n}`, host: '127.0.0.1', port, username: 'nobody', password: 'none' }
      await client.ask('ssh-connect', login).catch(() => undefined)
      await setTimeout(100)
    }
  })
  client.close()
  // Many a server has nothing else: OpenSSH offers them too.
  expect(faults.sort()).toEqual(
    [
      ...[256, 384, 521].map((bits) => `fail kex ecdh-sha2-nistp${bits}`),
      ...[256, 384, 521].flatMap((bits) => [`fail key ecdsa-sha2-nistp${bits}`, `warn key ecdsa-sha2-nistp${bits}`]),
      'warn mac hmac-sha2-256',
      'warn mac hmac-sha2-512',
    ].sort(),
  )
})

test('A-ALG-02 ssh-audit finds no fault with the built-in host', async () => {
  const host = await testHost()
  expect(await audit(['--port', String(host.port), '127.0.0.1'])).toEqual([])
  await host.close()
})
