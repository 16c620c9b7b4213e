import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Client, ClientChannel } from 'ssh2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestHost, testHost } from '../harness/builtInHost.ts'

let host: TestHost

beforeAll(async () => {
  host = await testHost()
  await writeFile(join(host.dir, 'large'), Buffer.alloc(8_000_000, 'large'))
})

afterAll(() => host.close())

const opened = (start: (done: (error: Error | undefined, channel: ClientChannel) => void) => void) =>
  new Promise<ClientChannel>((resolve, reject) => start((error, channel) => (error ? reject(error) : resolve(channel))))

/** Everything a connection can be busy with at once; resolves when each has begun. */
async function busy(client: Client, port: number): Promise<void> {
  const marker = `sleep 601.${host.port}`
  const pty = { term: 'xterm', cols: 80, rows: 24 }
  const floods = await Promise.all([
    opened((done) => client.exec(`${marker} & while :; do echo flood; echo flood >&2; done`, done)),
    opened((done) => client.exec(`${marker} & while :; do echo flood; done`, { pty }, done)),
    opened((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', port, done)),
  ])
  const stuck = await Promise.all([
    opened((done) => client.exec(`exec ${marker}`, done)),
    opened((done) => client.exec(`stty raw; exec ${marker}`, { pty }, done)),
  ])
  for (const channel of stuck) channel.write(Buffer.alloc(3_000_000, 'x'))
  const sftp = await new Promise<import('ssh2').SFTPWrapper>((resolve, reject) =>
    client.sftp((error, wrapper) => (error ? reject(error) : resolve(wrapper))),
  )
  const handle = await new Promise<Buffer>((resolve, reject) =>
    sftp.open(join(host.dir, 'large'), 'r', (error, one) => (error ? reject(error) : resolve(one))),
  )
  for (let i = 0; i < 60; i++) sftp.read(handle, Buffer.alloc(100_000), 0, 100_000, i * 100_000, () => undefined)
  sftp.readdir('/usr/bin', () => undefined)
  await Promise.all(floods.map((channel) => once(channel, 'data')))
  for (const channel of floods) channel.pause()
}

/** Sees whether a process with these arguments lives. */
async function lives(args: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')))
  return lines.includes(`${args.replaceAll(' ', '\0')}\0`)
}

const cuts: Record<string, (socket: Socket, client: Client) => void> = {
  'a reset': (socket) => socket.resetAndDestroy(),
  'a close': (socket) => socket.destroy(),
  'a half-close': (socket) => socket.end(),
  'noise in place of packets': (socket) => socket.write(Buffer.alloc(70_000, 0xa5)),
  'a goodbye': (_socket, client) => client.end(),
}

test.each(Object.keys(cuts))('%s in the middle of everything ends all that ran, and nothing else', async (kind) => {
  const flood = createServer((socket) => {
    const more = () => {
      while (socket.write(Buffer.alloc(65_536)));
    }
    socket.on('drain', more).on('error', () => undefined)
    more()
  }).listen(0, '127.0.0.1')
  await once(flood, 'listening')
  const { port } = flood.address() as import('node:net').AddressInfo
  const sockets = () => new Promise<number>((resolve) => flood.getConnections((_error, count) => resolve(count)))
  const marker = `sleep 601.${host.port}`
  const sock = connect(host.port, host.host)
  const client = await host.client({ sock })
  await busy(client, port)
  expect(await lives(marker)).toBe(true)
  cuts[kind]?.(sock, client)
  await expect.poll(() => lives(marker), { timeout: 10_000 }).toBe(false)
  sock.destroy()
  await expect.poll(sockets, { timeout: 10_000 }).toBe(0)
  flood.close()
  expect(host.events.filter(({ event }) => event === 'host-error')).toEqual([])
})

test('a connection that goes while its login is decided leaves no trace', async () => {
  let decide: ((allowed: boolean) => void) | undefined
  const own = await testHost({
    verifyPassword: () =>
      new Promise((resolve) => {
        decide = resolve
      }),
  })
  const sock = connect(own.port, own.host)
  const login = own.client({ sock, privateKey: '', password: 'x' })
  await expect.poll(() => decide).toBeDefined()
  sock.destroy()
  await expect(login).rejects.toThrow()
  decide?.(true)
  expect((await (await own.openssh()).run('ssh', ['target', 'echo in'])).stdout.toString()).toBe('in\n')
  expect(own.events.filter(({ event }) => /error/.test(event) && event !== 'host-connection-error')).toEqual([])
  await own.close()
})
