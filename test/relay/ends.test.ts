import { afterAll, beforeAll, expect, test } from 'vitest'
import { AttachKeys } from '../../relay/attachKeys.ts'
import { Ends, Over } from '../../relay/ends.ts'
import { attachBytes } from '../../shared/protocol.ts'
import { attachKey, Client, type Refused } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const DAY = 24 * 60 * 60 * 1000
const key = attachKey()
const keys = new AttachKeys(key.resume)
const asked = { nonce: 'nonce', epoch: 'epoch', sessionId: 's', offset: 0 }

/** What one hears who signs with the key. */
function hear(ends: Ends, id: string): unknown {
  try {
    return ends.tell(id, attachBytes(asked), key.sign(asked))
  } catch (error) {
    return error instanceof Over ? error.ended : (error as Error).message
  }
}

test('the last 1,000 ends are remembered, for a day', () => {
  const ends = new Ends()
  const now = performance.now()
  ends.keep('yesterday', keys, { reason: 'exit' }, now - DAY - 1)
  expect(hear(ends, 'yesterday')).toBe('There is no such session')
  ends.keep('today', keys, { reason: 'expired' }, now)
  expect(ends.size).toBe(1)
  expect(hear(ends, 'today')).toEqual({ reason: 'expired' })
  for (let n = 0; n < 1000; n++) ends.keep(`${n}`, keys, { reason: 'exit', exitCode: n }, now)
  expect(ends.size).toBe(1000)
  expect(hear(ends, 'today')).toBe('There is no such session')
  expect(hear(ends, '0')).toEqual({ reason: 'exit', exitCode: 0 })
  ends.forget('0')
  expect(hear(ends, '0')).toBe('There is no such session')
})

let sshd: Sshd
let relay: TestRelay

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay({ limits: { graceMs: 300, log: 1024 * 1024, logTotal: 1024 * 1024 } })
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
})

/** Runs a command, leaves, waits for its end, and comes back: with the key of the session, and with another. */
async function comeTooLate(sessionId: string, command: string, said: string) {
  const client = await Client.open(relay.url)
  const own = attachKey()
  client.onPrompt = () => ({ kind: 'host-key', accept: true })
  client.acknowledges = true
  await client.ask('ssh-connect', {
    sessionId,
    host: sshd.host,
    port: sshd.port,
    username: sshd.username,
    password: sshd.password,
    interactive: true,
    binary: true,
    resume: own.resume,
    command,
  })
  await client.until(() => (client.output(sessionId).endsWith(said) ? true : undefined))
  client.close()
  await expect
    .poll(() => relay.events.some(({ event, session }) => event === 'session-end' && session === sessionId))
    .toBe(true)
  const late = await Client.open(relay.url)
  const { nonce, epoch } = await late.next('relay-hello')
  const of = { nonce, epoch, sessionId, offset: 0 }
  const attach = (signature: Uint8Array) =>
    late.ask('ssh-attach', { sessionId, offset: 0, signature }).then(
      () => expect.unreachable(),
      (refused: Refused) => refused.failure,
    )
  const failures = { own: await attach(own.sign(of)), other: await attach(attachKey().sign(of)) }
  late.close()
  return failures
}

test('who comes back too late is told that the grace is over, and how the program had ended', async () => {
  const { own, other } = await comeTooLate('left', 'echo one; sleep 0.1; exit 3', 'one\r\n')
  expect(own).toMatchObject({ code: 'no-session', ended: { reason: 'expired', exitCode: 3 } })
  // N-ATT-01: to anybody else it is as unknown as one that never was.
  expect(other).toMatchObject({ code: 'no-session' })
  expect(other.ended).toBeUndefined()
})

test('R-LIM-01 who comes back to a session that made room is told so', async () => {
  const patient = await startTestRelay({ limits: { log: 2 * 1024 * 1024, logTotal: 1024 * 1024 } })
  const former = relay
  relay = patient
  try {
    const command = "stty -echo; seq 1 200000; echo -n at-the-'end'; cat"
    const { own } = await comeTooLate('large', command, 'at-the-end')
    expect(own).toMatchObject({ code: 'no-session', ended: { reason: 'evicted' } })
  } finally {
    relay = former
    await patient.close()
  }
})

test('an id that names another session now says nothing of the one before', async () => {
  const ends = new Ends()
  ends.keep('again', keys, { reason: 'exit' })
  ends.keep('again', keys, { reason: 'failure', failure: { code: 'internal', message: 'm', remedy: 'r', retry: true } })
  expect(hear(ends, 'again')).toMatchObject({ reason: 'failure', failure: { message: 'm' } })
})
