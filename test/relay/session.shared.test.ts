import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Prompt } from '../../shared/protocol.ts'
import { attachKey, Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let sshd: Sshd
let narrow: Sshd
let relay: TestRelay
beforeAll(async () => {
  ;[sshd, narrow] = await Promise.all([startSshd(), startSshd(['MaxSessions 2'])])
  relay = await startTestRelay({ limits: { connectBurst: 1000, sessionsPerConnection: 4 } })
})
afterAll(async () => {
  await relay.close()
  await Promise.all([sshd.close(), narrow.close()])
})

async function visit(): Promise<Client> {
  const client = await Client.open(relay.url)
  client.acknowledges = true
  return client
}

const to = ({ host, port, username, password }: Sshd = sshd) => ({ host, port, username, password })
const bare = (server: Sshd = sshd) => ({ host: server.host, port: server.port, username: server.username })
const logins = (server: Sshd = sshd) => server.log().match(/Accepted/g)?.length ?? 0

type Connected = { sessionId: string; shared?: true }
const shell = (client: Client, sessionId: string, more: object) =>
  client.ask<Connected>('ssh-connect', { sessionId, binary: true, ...more })

async function echo(client: Client, sessionId: string, word: string): Promise<void> {
  client.send('ssh-data', { sessionId, data: `echo ${word.slice(0, 2)}""${word.slice(2)}\n` })
  await client.shows(sessionId, word)
}

describe('a second shell on the connection of the first', () => {
  test('needs no login, has a life of its own, and outlives the first', async () => {
    const client = await visit()
    await shell(client, 'first', to())
    const before = logins()
    expect(await shell(client, 'second', { ...bare(), session: 'first' })).toEqual({
      sessionId: 'second',
      shared: true,
    })
    expect(await shell(client, 'command', { ...bare(), session: 'first', command: 'echo ran; exit 3' })).toMatchObject({
      shared: true,
    })
    expect(await client.next('ssh-disconnected', (one) => one.sessionId === 'command')).toMatchObject({ exitCode: 3 })
    expect(await client.ask('sftp-connect', { sessionId: 'files', ...bare(), session: 'second' })).toMatchObject({
      shared: true,
    })
    expect(logins()).toBe(before)
    await echo(client, 'second', 'in-the-second')
    expect(client.output('first')).not.toContain('in-the-second')
    await client.ask('ssh-disconnect', { sessionId: 'first' })
    await echo(client, 'second', 'still-there')
    expect(await client.ask('sftp-list', { sessionId: 'files', path: '.' })).toMatchObject({ path: sshd.home })
    expect(await shell(client, 'third', { ...bare(), session: 'second' })).toMatchObject({ shared: true })
    client.close()
  })

  test('is taken up after a cut like any other, when the first is gone', async () => {
    const client = await visit()
    const key = attachKey()
    await shell(client, 'first', to())
    await shell(client, 'second', { ...bare(), session: 'first', resume: key.resume })
    client.close()
    const again = await visit()
    const { nonce, epoch } = await again.next('relay-hello')
    const at = { sessionId: 'second', offset: 0 }
    await expect
      .poll(() => relay.events.filter(({ session, event }) => session === 'first' && event === 'session-end').length)
      .toBeGreaterThan(0)
    expect(await again.ask('ssh-attach', { ...at, signature: key.sign({ nonce, epoch, ...at }) })).toMatchObject({
      state: 'open',
    })
    await echo(again, 'second', 'taken-up')
    await again.ask('session-end', { sessionId: 'second' })
    again.close()
  })

  test.each<[string, object]>([
    ['another user', { username: 'somebody-else' }],
    ['another name for the host', { host: 'localhost' }],
    ['a way through another host', { jump: [] }],
    ['algorithms of old', { legacyAlgorithms: true }],
    [
      'another key',
      { interactive: true, identities: [{ publicKey: 'AAAAC3NzaC1lZDI1NTE5AAAAIA==', algorithms: ['ssh-ed25519'] }] },
    ],
  ])('is a login of its own where it asks for %s', async (_, other) => {
    const client = await visit()
    client.onPrompt = (prompt) => (prompt.kind === 'host-key' ? { kind: 'host-key', accept: true } : { kind: 'cancel' })
    await shell(client, 'first', to())
    const filled = 'jump' in other ? { jump: [to()] } : other
    const answer = await shell(client, 'second', { ...to(), ...filled, session: 'first' }).catch(
      (error) => error.failure,
    )
    expect('shared' in answer).toBe(false)
    // Whoever is somebody else there is refused by the host, not served by the first.
    if ('username' in other) expect(answer).toMatchObject({ code: 'login-refused' })
    client.close()
  })

  test('R-SES-02 of another socket is as unknown as none: a login of its own', async () => {
    const [owner, other] = [await visit(), await visit()]
    await shell(owner, 'owned', to())
    for (const session of ['owned', 'nobody']) {
      await expect(shell(other, `by-${session}`, { ...bare(), session })).rejects.toMatchObject({
        failure: { code: 'login-refused' },
      })
      expect(await shell(other, `by-${session}`, { ...to(), session })).toEqual({ sessionId: `by-${session}` })
      await expect(other.ask('sftp-connect', { sessionId: 'files', session })).rejects.toThrow('no-session')
    }
    await echo(owner, 'owned', 'undisturbed')
    owner.close()
    other.close()
  })
})

describe('R-LIM-01 a connection that takes no more', () => {
  test('by MaxSessions of the server: a new login with what was given, or the person is asked', async () => {
    const client = await visit()
    await shell(client, 'one', to(narrow))
    expect(await shell(client, 'two', { ...bare(narrow), session: 'one' })).toMatchObject({ shared: true })
    const before = logins(narrow)
    expect(await shell(client, 'given', { ...to(narrow), session: 'one' })).toEqual({ sessionId: 'given' })
    const asked: Prompt['kind'][] = []
    client.onPrompt = (prompt) => {
      asked.push(prompt.kind)
      if (prompt.kind === 'host-key') return { kind: 'host-key', accept: true }
      return { kind: 'login', password: narrow.password }
    }
    expect(await shell(client, 'asked', { ...bare(narrow), session: 'one', interactive: true })).toEqual({
      sessionId: 'asked',
    })
    expect(asked).toEqual(['host-key', 'login'])
    expect(logins(narrow)).toBe(before + 2)
    // Where there is nothing to log in with and nobody to ask, nothing is tried.
    await expect(shell(client, 'neither', { ...bare(narrow), session: 'one', command: 'true' })).rejects.toMatchObject({
      failure: { code: 'shell-refused' },
    })
    await expect(client.ask('sftp-connect', { sessionId: 'files', session: 'one' })).rejects.toMatchObject({
      failure: { code: 'too-many-sessions' },
    })
    expect(await client.ask('sftp-connect', { sessionId: 'files', ...to(narrow), session: 'one' })).not.toHaveProperty(
      'shared',
    )
    await echo(client, 'two', 'undisturbed')
    client.close()
  })

  test("by the relay's own bound, and again when one of them has ended", async () => {
    const client = await visit()
    await shell(client, 'first', to())
    for (const id of ['b', 'c', 'd'])
      expect(await shell(client, id, { ...to(), session: 'first' })).toHaveProperty('shared')
    expect(await shell(client, 'e', { ...to(), session: 'first' })).not.toHaveProperty('shared')
    await expect(client.ask('sftp-connect', { sessionId: 'files', session: 'first' })).rejects.toThrow(
      'too-many-sessions',
    )
    await client.ask('ssh-disconnect', { sessionId: 'b' })
    expect(await shell(client, 'f', { ...to(), session: 'first' })).toHaveProperty('shared')
    client.close()
  })

  test('because it is gone: a new login', async () => {
    const client = await visit()
    const mortal = await startSshd()
    await shell(client, 'first', to(mortal))
    client.send('ssh-data', { sessionId: 'first', data: 'kill -9 $PPID\n' })
    await client.next('ssh-disconnected', ({ sessionId }) => sessionId === 'first')
    expect(await shell(client, 'second', { ...to(mortal), session: 'first' })).toEqual({ sessionId: 'second' })
    client.close()
    await mortal.close()
  })
})

test('a session that ends while it waits for its channel leaves nothing behind', async () => {
  const client = await visit()
  await shell(client, 'first', to())
  const opening = shell(client, 'second', { ...to(), session: 'first' }).catch((error) => error.failure.code)
  client.send('ssh-disconnect', { sessionId: 'second' })
  expect(['no-session', 'second']).toContain(await opening.then((done) => (done as Connected).sessionId ?? done))
  await echo(client, 'first', 'undisturbed')
  client.close()
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(0)
})
