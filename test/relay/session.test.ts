import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ServerPayload } from '../../shared/protocol.ts'
import { chance } from '../harness/chance.ts'
import { attachKey, Client } from '../harness/client.ts'
import { type Cut, startCut } from '../harness/cut.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { cutting, Returning, streamThrough } from '../harness/returning.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd
let relay: TestRelay
let cut: Cut
const open: Client[] = []

beforeAll(async () => {
  sshd = await startSshd()
  // So much log that nothing is lost while a test looks away.
  relay = await startTestRelay({ limits: { log: 32 * 1024 * 1024 } })
  cut = await startCut(relay.port)
})
afterEach(() => {
  for (const client of open.splice(0)) client.close()
})
afterAll(async () => {
  await cut.close()
  await relay.close()
  await sshd.close()
})

async function connectClient(url = relay.url): Promise<Client> {
  const client = await Client.open(url)
  client.onPrompt = (prompt) => (prompt.kind === 'host-key' ? { kind: 'host-key', accept: true } : undefined)
  open.push(client)
  return client
}

const login = () => ({
  host: sshd.host,
  port: sshd.port,
  username: sshd.username,
  password: sshd.password,
  interactive: true,
  binary: true,
})

let count = 0
const newId = () => `session-${++count}`

test('output comes as bytes with offsets that follow each other', async () => {
  const client = await connectClient()
  const sessionId = newId()
  await client.ask('ssh-connect', { sessionId, ...login() })
  client.send('ssh-data', { sessionId, data: 'stty -echo; seq 1 2000; echo at-the-"end"\n' })
  await client.shows(sessionId, 'at-the-end')
  let offset = 0
  for (const chunk of client.heard('ssh-data')) {
    expect(chunk.offset).toBe(offset)
    offset += Buffer.byteLength(chunk.data)
  }
})

test('exit status, signal and a command that is not there are told', async () => {
  const client = await connectClient()
  client.acknowledges = true
  const run = async (command: string) => {
    const sessionId = newId()
    await client.ask('ssh-connect', { sessionId, ...login(), command })
    const over = await client.next('ssh-disconnected', (one) => one.sessionId === sessionId)
    return { over, output: client.output(sessionId) }
  }
  expect((await run('echo -n "last words"; exit 7')).over).toMatchObject({ reason: 'exit', exitCode: 7 })
  expect((await run('echo -n "last words"; exit 0')).output).toBe('last words')
  expect((await run('kill -TERM $$')).over).toMatchObject({ reason: 'exit', signal: 'TERM' })
  expect((await run('no-such-command-here')).over).toMatchObject({ reason: 'exit', exitCode: 127 })
})

test('env and term reach the server', async () => {
  const client = await connectClient()
  const sessionId = newId()
  await client.ask('ssh-connect', {
    sessionId,
    ...login(),
    term: 'vt220',
    env: { FAIRLEAD_WORD: 'passed on', HIDDEN: 'no' },
  })
  client.send('ssh-data', { sessionId, data: 'echo "[$TERM][$FAIRLEAD_WORD][$HIDDEN]"\n' })
  await client.shows(sessionId, '[vt220][passed on][]')
})

test('without acknowledgement no more than the window is sent, and none of it is lost', async () => {
  const client = await connectClient()
  const sessionId = newId()
  const window = 64 * 1024
  await client.ask('ssh-connect', { sessionId, ...login(), window })
  client.send('ssh-data', { sessionId, data: 'stty -echo; seq 1 100000; echo at-the-"end"\n' })
  const received = () => client.heard('ssh-data').reduce((sum, one) => sum + Buffer.byteLength(one.data), 0)
  await client.until(() => (received() >= window ? true : undefined))
  // A round trip through the relay and the server later nothing more has come.
  await client.ask('relay-ping', {})
  const other = newId()
  await client.ask('ssh-connect', { sessionId: other, ...login(), command: 'true' })
  expect(received()).toBe(window)
  let acked = 0
  client.socket.on('ssh-data', (one: ServerPayload<'ssh-data'>) => {
    if (one.sessionId !== sessionId) return
    acked = (one.offset ?? 0) + Buffer.byteLength(one.data)
    client.send('ssh-ack', { sessionId, offset: acked })
  })
  client.send('ssh-ack', { sessionId, offset: window })
  await client.shows(sessionId, 'at-the-end')
  expect(client.output(sessionId).match(/^\d+\r$/gm)?.length).toBe(100_000)
})

test('a client may ask for less while it goes on, and never for more than the relay allows', async () => {
  const client = await connectClient()
  const sessionId = newId()
  const least = 16 * 1024
  await client.ask('ssh-connect', { sessionId, ...login(), window: 64 * 1024 })
  client.send('ssh-data', { sessionId, data: 'stty -echo; echo rea"dy"; read -r go; seq 1 100000\n' })
  await client.shows(sessionId, 'ready')
  const received = () => client.heard('ssh-data').reduce((sum, one) => sum + Buffer.byteLength(one.data), 0)
  await expect(client.ask('ssh-ack', { sessionId, offset: 0, window: 1 })).rejects.toThrow('bad-request')
  await client.ask('ssh-ack', { sessionId, offset: 0, window: least })
  client.send('ssh-data', { sessionId, data: '\n' })
  await client.until(() => (received() >= least ? true : undefined))
  await client.ask('relay-ping', {})
  const other = newId()
  await client.ask('ssh-connect', { sessionId: other, ...login(), command: 'true' })
  expect(received()).toBe(least)
  // More than the relay allows is what it allows: everything comes.
  client.acknowledges = true
  await client.ask('ssh-ack', { sessionId, offset: received(), window: 2 * 1024 * 1024 })
  await client.shows(sessionId, /^100000\r$/m)
})

test('what is sent for a flood is little while somebody types into another session of the same socket', async () => {
  const client = await connectClient()
  const [flooded, typed] = [newId(), newId()]
  await client.ask('ssh-connect', { sessionId: typed, ...login() })
  await client.ask('ssh-connect', { sessionId: flooded, ...login(), window: 512 * 1024 })
  const received = () =>
    client
      .heard('ssh-data')
      .filter(({ sessionId }) => sessionId === flooded)
      .reduce((sum, one) => sum + Buffer.byteLength(one.data), 0)
  client.send('ssh-data', { sessionId: flooded, data: 'exec seq 1 1000000\n' })
  client.send('ssh-data', { sessionId: typed, data: 'echo neigh"bour"\n' })
  await client.shows(typed, 'neighbour')
  await client.until(() => (received() >= 64 * 1024 ? true : undefined))
  expect(received()).toBe(64 * 1024)
  // Nobody types any more: with the acknowledgements that follow the rest of the window comes.
  for (let offset = 1; received() < 256 * 1024; offset++) await client.ask('ssh-ack', { sessionId: flooded, offset })
})

test('N-RPL-03 an acknowledgement or an attach beyond what was sent is refused', async () => {
  const client = await connectClient()
  const sessionId = newId()
  const key = attachKey()
  await client.ask('ssh-connect', { sessionId, ...login(), resume: key.resume })
  await expect(client.ask('ssh-ack', { sessionId, offset: 2 ** 40 })).rejects.toThrow('bad-request')
  const { nonce, epoch } = await client.next('relay-hello')
  const at = (offset: number) =>
    client.ask('ssh-attach', { sessionId, offset, signature: key.sign({ nonce, epoch, sessionId, offset }) })
  await expect(at(2 ** 40)).rejects.toThrow('bad-request')
  for (const offset of [-1, 1.5, Number.NaN, '0', null, 2 ** 53]) {
    await expect(client.ask('ssh-attach', { sessionId, offset, signature: new Uint8Array(64) })).rejects.toThrow(
      'bad-request',
    )
  }
})

test('N-RPL-01 N-RPL-04 a hundred cuts in the middle of a stream both ways: both arrive exactly', async () => {
  const url = `http://127.0.0.1:${cut.port}`
  const streamed = await streamThrough(url, { sessionId: newId(), ...login() }, 100, cutting(cut, chance(1)))
  expect(streamed).toMatchObject({ lost: 0, doubled: 0, bytes: streamed.expectedBytes, output: streamed.expected })
  expect(streamed.attached).toBeGreaterThan(25)
}, 60_000)

test('a session lives on without a socket, and what it said is there on return', async () => {
  const me = new Returning(`http://127.0.0.1:${cut.port}`, { sessionId: newId(), ...login() })
  await me.connect()
  me.type('stty -echo; echo before\n')
  await me.client.shows(me.sessionId, 'before')
  me.type('sleep 0.5; echo while-away-$((40+2))\n')
  await me.taken()
  cut.cut()
  await new Promise<void>((resolve) => me.client.socket.once('disconnect', () => resolve()))
  await me.comeBack()
  await me.client.shows(me.sessionId, 'while-away-42')
  expect({ lost: me.lost, doubled: me.doubled }).toEqual({ lost: 0, doubled: 0 })
  me.client.close()
})

test('N-ATT-01 N-ATT-03 only a fresh signature by the key of the session attaches', async () => {
  const mine = await connectClient()
  const other = await connectClient()
  const sessionId = newId()
  const key = attachKey()
  await mine.ask('ssh-connect', { sessionId, ...login(), resume: key.resume })
  const { nonce, epoch } = await other.next('relay-hello')
  const wrong = attachKey().sign({ nonce, epoch, sessionId, offset: 0 })
  await expect(other.ask('ssh-attach', { sessionId, offset: 0, signature: wrong })).rejects.toThrow('attach-refused')
  const { nonce: mineNonce } = await mine.next('relay-hello')
  const recorded = key.sign({ nonce: mineNonce, epoch, sessionId, offset: 0 })
  await expect(other.ask('ssh-attach', { sessionId, offset: 0, signature: recorded })).rejects.toThrow('attach-refused')
  const good = key.sign({ nonce, epoch, sessionId, offset: 0 })
  await expect(other.ask('ssh-attach', { sessionId, offset: 1, signature: good })).rejects.toThrow('attach-refused')
  expect(await other.ask('ssh-attach', { sessionId, offset: 0, signature: good })).toMatchObject({
    state: 'open',
    missing: 0,
  })
  expect(await mine.next('ssh-detached')).toEqual({ sessionId })
  await expect(mine.ask('ssh-data', { sessionId, data: 'x' })).rejects.toThrow('no-session')
  await other.ask('ssh-data', { sessionId, data: 'echo mine-"now"\n' })
  await other.shows(sessionId, 'mine-now')
})

test('ten wrong signatures lock attaching for a while', async () => {
  const client = await connectClient()
  const sessionId = newId()
  const key = attachKey()
  await client.ask('ssh-connect', { sessionId, ...login(), resume: key.resume })
  const { nonce, epoch } = await client.next('relay-hello')
  for (let guess = 0; guess < 10; guess++) {
    await expect(
      client.ask('ssh-attach', { sessionId, offset: 0, signature: new Uint8Array(64).fill(guess) }),
    ).rejects.toThrow('attach-refused')
  }
  const good = key.sign({ nonce, epoch, sessionId, offset: 0 })
  await expect(client.ask('ssh-attach', { sessionId, offset: 0, signature: good })).rejects.toThrow('attach-refused')
})

test('a session that was not made to be resumed ends with its socket', async () => {
  const client = await connectClient()
  const sessionId = newId()
  await client.ask('ssh-connect', { sessionId, ...login() })
  client.send('ssh-data', { sessionId, data: 'echo I-am-$$-\n' })
  const pid = /I-am-(\d+)-/.exec(await client.shows(sessionId, /I-am-\d+-/))?.[1]
  client.close()
  await expect
    .poll(() => relay.events.some((line) => line.event === 'session-end' && line.session === sessionId))
    .toBe(true)
  await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 10_000 }).toBe(false)
})

test('output beyond the log is counted, never silently gone', async () => {
  const small = await startTestRelay({ limits: { log: 64 * 1024 } })
  const client = await Client.open(small.url)
  const sessionId = newId()
  const key = attachKey()
  client.onPrompt = () => ({ kind: 'host-key', accept: true })
  await client.ask('ssh-connect', { sessionId, ...login(), resume: key.resume })
  const mark = join(sshd.home, `${sessionId}-done`)
  await rm(mark, { force: true })
  client.send('ssh-data', { sessionId, data: `stty -echo; sleep 0.3; seq 1 50000; touch ${mark}\n`, offset: 0 })
  await client.next('ssh-ack')
  client.close()
  await expect.poll(() => existsSync(mark), { timeout: 10_000 }).toBe(true)
  const again = await Client.open(small.url)
  const { nonce, epoch } = await again.next('relay-hello')
  const signature = key.sign({ nonce, epoch, sessionId, offset: 0 })
  const { missing, offset } = await again.ask<ServerPayload<'ssh-attached'>>('ssh-attach', {
    sessionId,
    offset: 0,
    signature,
  })
  expect(missing).toBeGreaterThan(100_000)
  expect(missing).toBe(offset)
  const { offset: first } = await again.next('ssh-data')
  expect(first).toBe(offset)
  again.close()
  await small.close()
  await rm(mark)
})
