import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type ServerChannel } from 'ssh2'
import { expect, test } from 'vitest'
import { Client } from '../harness/client.ts'
import { startLyingSftp } from '../harness/lyingSftp.ts'
import { startTestRelay } from '../harness/relay.ts'
import { startSshd } from '../harness/sshd.ts'
import { makeSshKey } from '../harness/sshKey.ts'

/** A server that lets everybody in and sends as its script says, whatever window it was given. */
async function startRude(
  flood: (send: (bytes: Buffer) => void, stderr: (bytes: Buffer) => void, channel: ServerChannel) => void,
) {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-rude-'))
  const key = await makeSshKey(join(dir, 'host'), 'ecdsa', 256)
  const server = new ssh2.Server({ hostKeys: [key.private] }, (connection) => {
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => context.accept())
    connection.on('ready', () => {
      connection.on('session', (accept) => {
        const session = accept()
        session.on('pty', (yes) => yes?.())
        session.on('shell', (yes) => {
          const channel = yes()
          const { outgoing } = channel as unknown as { outgoing: { id: number } }
          // Below ssh2's own flow control, which would keep to the window.
          const { _protocol: protocol } = connection as unknown as {
            _protocol: {
              channelData(id: number, data: Buffer): void
              channelExtData(id: number, data: Buffer, type: 1): void
            }
          }
          flood(
            (bytes) => protocol.channelData(outgoing.id, bytes),
            (bytes) => protocol.channelExtData(outgoing.id, bytes, 1),
            channel,
          )
        })
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await rm(dir, { recursive: true })
    },
  }
}

const WINDOW = 64 * 1024

test('a server is granted one window in all: what the client has not acknowledged is part of it', async () => {
  const sshd = await startSshd()
  const relay = await startTestRelay()
  const client = await Client.open(relay.url)
  const { host, port, username, password } = sshd
  await client.ask('ssh-connect', {
    sessionId: 'yes',
    host,
    port,
    username,
    password,
    binary: true,
    window: WINDOW,
    command: 'yes',
  })
  const received = () => client.heard('ssh-data').reduce((sum, { data }) => sum + Buffer.byteLength(data), 0)
  await client.until(() => (received() === WINDOW ? true : undefined))
  client.send('ssh-ack', { sessionId: 'yes', offset: 10_000 })
  client.send('ssh-ack', { sessionId: 'yes', offset: 40_000 })
  await client.until(() => (received() === WINDOW + 40_000 ? true : undefined))
  client.send('ssh-disconnect', { sessionId: 'yes' })
  await client.next('ssh-disconnected')
  // The relay itself took no byte more.
  expect(relay.events.find(({ event }) => event === 'session-end')).toMatchObject({ bytesOut: WINDOW + 40_000 })
  client.close()
  await relay.close()
  await sshd.close()
})

test.each(['stdout', 'stderr'] as const)(
  'T-SRV-04 a server that sends on %s beyond its window is cut off',
  async (stream) => {
    const rude = await startRude((stdout, stderr) => {
      const send = stream === 'stdout' ? stdout : stderr
      for (let sent = 0; sent < 4 * WINDOW; sent += 32_768) send(Buffer.alloc(32_768, 'x'))
    })
    const relay = await startTestRelay()
    const client = await Client.open(relay.url)
    const connect = { sessionId: 'rude', host: '127.0.0.1', port: rude.port, username: 'x', password: 'y' }
    await client.ask('ssh-connect', { ...connect, binary: true, window: WINDOW }).catch(() => undefined)
    expect(await client.next('ssh-error')).toMatchObject({ sessionId: 'rude', code: 'server-broke-protocol' })
    await expect.poll(() => relay.dispatch.counts().sessions).toBe(0)
    const { bytesOut } = relay.events.find(({ event }) => event === 'session-end') ?? {}
    expect(bytesOut).toBeLessThanOrEqual(WINDOW)
    client.close()
    await relay.close()
    await rude.close()
  },
)

test('a program that has ended in the very packet that opens it: output and exit status are kept', async () => {
  const brief = await startRude((stdout, _stderr, channel) => {
    stdout(Buffer.from('all of it'))
    channel.exit(7)
    channel.close()
  })
  const relay = await startTestRelay()
  for (let turn = 0; turn < 20; turn++) {
    const client = await Client.open(relay.url)
    client.acknowledges = true
    const connect = { sessionId: 'brief', host: '127.0.0.1', port: brief.port, username: 'x', password: 'y' }
    client.send('ssh-connect', { ...connect, binary: turn % 2 === 0 })
    expect(await client.next('ssh-disconnected')).toEqual({ sessionId: 'brief', reason: 'exit', exitCode: 7 })
    expect(client.output('brief')).toBe('all of it')
    client.close()
  }
  await relay.close()
  await brief.close()
})

test('output that comes with the very packet that opens the shell is kept', async () => {
  const eager = await startRude((stdout) => stdout(Buffer.from('at once')))
  const relay = await startTestRelay()
  const client = await Client.open(relay.url)
  client.send('ssh-connect', { sessionId: 'eager', host: '127.0.0.1', port: eager.port, username: 'x', password: 'y' })
  await client.shows('eager', 'at once')
  client.close()
  await relay.close()
  await eager.close()
})

test('a far SFTP server is never kept waiting: what it has sent is granted again in small steps', async () => {
  const mebibyte = 2 ** 20
  const sftp = await startLyingSftp({ '/large': Buffer.alloc(12 * mebibyte, 'x') })
  const relay = await startTestRelay()
  const client = await Client.open(relay.url)
  const { host, port, username, password } = sftp
  await client.ask('sftp-connect', { sessionId: 'far', host, port, username, password })
  const { handle } = await client.ask<{ handle: number }>('sftp-open', { sessionId: 'far', path: '/large', read: true })
  const length = 32_000
  for (let offset = 0; offset < 12 * mebibyte; offset += length) {
    await client.ask('sftp-read', { sessionId: 'far', handle, offset, length })
    await expect.poll(() => sftp.window()).toBeGreaterThan(7 * mebibyte)
  }
  client.close()
  await relay.close()
  await sftp.close()
})
