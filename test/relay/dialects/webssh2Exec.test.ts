import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'
import { type Webssh2Client, Webssh2Clients } from '../../harness/webssh2.ts'

let sshd: Sshd
let relay: TestRelay
const clients = new Webssh2Clients()

beforeAll(async () => {
  ;[sshd, relay] = await Promise.all([startSshd(), startTestRelay({ webssh2: true })])
})
afterEach(async () => {
  clients.close()
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
})
afterAll(() => Promise.all([relay.close(), sshd.close()]))

/** What came of a command on one of its streams. */
function said(one: Webssh2Client, type: 'stdout' | 'stderr'): string {
  const parts = one.seen.filter(({ event }) => event === 'exec-data').map(({ payload }) => payload)
  return (parts as { type: string; data: string }[])
    .filter((part) => part.type === type)
    .map(({ data }) => data)
    .join('')
}

test.each([4, 2] as const)(
  'without a terminal: streams apart and as strings, status at the end, to a client of Socket.IO %i',
  async (version) => {
    const one = await clients.open(relay.url, {}, version)
    one.send('exec', { command: 'true' })
    expect(await one.next('ssherror')).toBe('No SSH connection')
    await one.shell(sshd)
    one.send('exec', { command: 'seq 1 30000; echo ä-wrong >&2; tty; cat; exit 3' })
    expect(await one.next('exec-exit')).toEqual({ code: 3, signal: null })
    expect(said(one, 'stderr')).toBe('ä-wrong\n')
    const lines = said(one, 'stdout').split('\n')
    expect(lines.slice(0, 30_000)).toEqual(Array.from({ length: 30_000 }, (_, index) => String(index + 1)))
    // It has no terminal, and no input: `cat` ends at once.
    expect(lines.slice(30_000)).toEqual(['not a tty', ''])
    // Clients of today know `data` only.
    expect(one.text.replace('ä-wrong\n', '')).toBe(said(one, 'stdout'))
    expect(one.output.toString()).not.toContain('29999')
  },
)

test('on a terminal where the client wants one, of its type and size, with its environment', async () => {
  const one = await clients.open(relay.url)
  await one.shell(sshd)
  const command = 'stty size; echo "$TERM $FAIRLEAD_WORD"; echo error >&2'
  one.send('exec', { command, pty: true, term: 'vt220', cols: 91, rows: 17, env: { FAIRLEAD_WORD: 'given' } })
  expect(await one.next('exec-exit')).toEqual({ code: 0, signal: null })
  expect(said(one, 'stdout')).toBe('17 91\r\nvt220 given\r\nerror\r\n')
  expect(said(one, 'stderr')).toBe('')
})

test('a signal is told, a command beyond its time is ended, and several run side by side', async () => {
  const one = await clients.open(relay.url)
  await one.shell(sshd)
  one.send('exec', { command: 'kill -TERM $$' })
  expect(await one.next('exec-exit')).toEqual({ code: null, signal: 'SIGTERM' })
  one.send('exec', { command: 'sleep 1000', timeoutMs: 200 })
  expect(await one.next('ssherror')).toBe('The command took longer than 200 ms')
  expect(await one.next('exec-exit')).toEqual({ code: null, signal: null })
  for (let index = 0; index < 8; index += 1) one.send('exec', { command: `echo side-${index}` })
  for (let index = 0; index < 8; index += 1) await one.next('exec-exit')
  for (let index = 0; index < 8; index += 1) expect(said(one, 'stdout')).toContain(`side-${index}\n`)
  expect(relay.events.filter(({ event }) => event === 'bug')).toEqual([])
})

test('what is no request is an error to the client, and a client that leaves takes its commands along', async () => {
  const one = await clients.open(relay.url)
  await one.shell(sshd)
  for (const junk of [
    undefined,
    {},
    { command: 1 },
    { command: '' },
    { command: 'true', env: { 'a b': 'c' } },
    { command: 'true', timeoutMs: 0 },
    { command: 'a\0b' },
  ]) {
    one.send('exec', junk)
    expect(await one.next('ssherror')).toBe('Invalid exec request')
  }
  one.send('exec', { command: 'echo up; exec sleep 1000' })
  await one.until(() => said(one, 'stdout') === 'up\n')
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(2)
})
