import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd
let relay: TestRelay
beforeAll(async () => {
  ;[sshd, relay] = await Promise.all([startSshd(), startTestRelay()])
})
afterAll(() => Promise.all([relay.close(), sshd.close()]))

const script = 'seq 1 60000; seq 1 9 >&2; printf é; printf ü >&2; cat; tty; exit 5'

async function run(command: string, more: object = {}) {
  const client = await Client.open(relay.url)
  client.acknowledges = true
  const { host, port, username, password } = sshd
  const parts: { data: string | Uint8Array; offset?: number; stderr?: true }[] = []
  client.socket.on('ssh-data', (part) => parts.push(part))
  const to = { sessionId: 'a', host, port, username, password, command, pty: false }
  await client.ask('ssh-connect', { ...to, ...more })
  const end = await client.next('ssh-disconnected')
  client.socket.disconnect()
  const of = (stderr: boolean) =>
    Buffer.concat(parts.filter((part) => (part.stderr ?? false) === stderr).map(({ data }) => Buffer.from(data)))
  return { parts, end, stdout: of(false).toString(), stderr: of(true).toString() }
}

const numbers = (to: number) => Array.from({ length: to }, (_, index) => `${index + 1}\n`).join('')

test.each([[true], [false]])(
  'a command without a terminal: two streams, no input, a status (bytes: %s)',
  async (binary) => {
    const { end, stdout, stderr, parts } = await run(script, { binary })
    expect(stdout).toBe(`${numbers(60_000)}énot a tty\n`)
    expect(stderr).toBe(`${numbers(9)}ü`)
    expect(end).toMatchObject({ exitCode: 5, reason: 'exit' })
    if (!binary) return
    // Offsets count through both, so that flow control has one cursor.
    let at = 0
    for (const { data, offset } of parts) {
      expect(offset).toBe(at)
      at += Buffer.from(data).length
    }
  },
)

test('it takes no input and no size, and neither a shell nor a session that is to be resumed goes without a terminal', async () => {
  const client = await Client.open(relay.url)
  const { host, port, username, password } = sshd
  const to = { sessionId: 'b', host, port, username, password, pty: false }
  await expect(client.ask('ssh-connect', to)).rejects.toThrow(/bad-request/)
  const resume = new Uint8Array(91)
  await expect(client.ask('ssh-connect', { ...to, command: 'true', binary: true, resume })).rejects.toThrow(
    /bad-request/,
  )
  await client.ask('ssh-connect', { ...to, command: 'sleep 1000' })
  await expect(client.ask('ssh-data', { sessionId: 'b', data: 'x' })).rejects.toThrow(/session-state/)
  await client.ask('ssh-resize', { sessionId: 'b', cols: 10, rows: 10 })
  await client.ask('ssh-disconnect', { sessionId: 'b' })
  client.socket.disconnect()
})
