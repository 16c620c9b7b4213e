import { createServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Link } from '../../../pwa/model/link.ts'
import { until } from '../../harness/browser.ts'
import { startCut } from '../../harness/cut.ts'

const hello = {
  protocol: 1,
  version: '0',
  epoch: 'e',
  nonce: 'n',
  features: [],
  limits: { frame: 1, data: 1, window: 1, log: 1, graceMs: 1 },
}

describe('a link to a relay that lies', () => {
  let io: Server
  let link: Link
  let url: string
  let peer: Promise<Socket>

  beforeEach(async () => {
    const http = createServer()
    io = new Server(http)
    peer = new Promise((resolve) => io.on('connection', resolve))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const address = http.address()
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
    link = new Link(url, () => undefined)
  })

  afterEach(async () => {
    link.close()
    await io.close()
  })

  it('is not online before the hello, and sends nothing', async () => {
    const heard = vi.fn()
    const socket = await peer
    socket.onAny(heard)
    expect(link.send('ssh-ack', { sessionId: 's', offset: 0 })).toBe(false)
    await expect(link.ask('relay-ping', {})).rejects.toMatchObject({ failure: { code: 'relay-lost' } })
    socket.emit('relay-hello', hello)
    await until(() => link.state.value === 'online')
    expect(heard.mock.calls.filter(([event]) => event !== 'relay-ping')).toEqual([])
  })

  it('C-RLY-01 drops what does not fit, and events of sessions that it does not know', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const heard = vi.fn()
    link.route('mine', { 'ssh-data': heard, 'ssh-ack': heard, 'ssh-connected': heard })
    const socket = await peer
    socket.emit('relay-hello', { ...hello, limits: 'absurd' })
    socket.emit('relay-hello', hello)
    await until(() => link.state.value === 'online')
    socket.emit('ssh-data', { sessionId: 'theirs', data: Buffer.from('x'), offset: 0 })
    socket.emit('ssh-data', { sessionId: 'mine', data: 42 })
    socket.emit('ssh-ack', { sessionId: 'mine', offset: 'x' })
    socket.emit('ssh-connected')
    const known = new Promise<void>((resolve) =>
      link.route('mine', { 'ssh-data': (message) => resolve(heard(message)) }),
    )
    socket.emit('ssh-data', { sessionId: 'mine', data: Buffer.from('ok'), offset: 0 })
    await known
    expect(heard).toHaveBeenCalledTimes(1)
    expect(heard.mock.calls[0]?.[0]).toMatchObject({ sessionId: 'mine', offset: 0 })
    expect(warned).toHaveBeenCalledTimes(4)
    warned.mockRestore()
  })

  it('refuses an answer that does not fit, and one that never comes ends with the socket', async () => {
    const socket = await peer
    socket.emit('relay-hello', hello)
    await until(() => link.state.value === 'online')
    socket.on('sftp-list', (_payload, ack) => ack({ ok: true, value: { files: 'none' } }))
    const request = { sessionId: 's', path: '/' }
    await expect(link.ask('sftp-list', request)).rejects.toMatchObject({ failure: { code: 'other-protocol' } })
    socket.removeAllListeners('sftp-list')
    const asked = link.ask('sftp-list', request)
    socket.conn.close()
    await expect(asked).rejects.toMatchObject({ failure: { code: 'relay-lost' } })
  })

  it('is refused by another version of the protocol', async () => {
    const socket = await peer
    socket.emit('relay-hello', { ...hello, protocol: 2 })
    await until(() => link.state.value === 'refused')
    expect(link.failure.value?.code).toBe('other-protocol')
  })

  it('says when a relay is there and does not let the page in', async () => {
    let lets = false
    const strict = createServer((_request, response) => response.end('ok'))
    const refusing = new Server(strict, { allowRequest: (_request, decide) => decide('no', lets) })
    await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve))
    const address = strict.address()
    const other = new Link(
      `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
      () => undefined,
    )
    await until(() => other.state.value === 'refused')
    expect(other.failure.value?.code).toBe('relay-refused')
    // What it said is no reason to stay away when it lets the page in, even where the first socket is cut before the hello.
    let connections = 0
    refusing.on('connection', (socket) => {
      connections++
      if (connections === 1) socket.conn.close()
      else socket.emit('relay-hello', hello)
    })
    lets = true
    await until(() => other.state.value === 'online')
    expect(connections).toBe(2)
    // Nor is one that is down taken for one that refuses, whatever was said of it before.
    lets = false
    refusing.disconnectSockets(true)
    await until(() => other.state.value === 'refused')
    await refusing.close()
    await until(() => other.state.value === 'offline')
    expect(other.failure.value?.code).toBe('relay-unreachable')
    other.close()
  })

  it('tries less and less often where it is let in and no hello comes', async () => {
    const socket = await peer
    let connections = 0
    io.on('connection', ({ conn }) => {
      connections++
      conn.close()
    })
    const chance = vi.spyOn(crypto, 'getRandomValues').mockImplementation((drawn) => {
      if (drawn instanceof Uint32Array) drawn.fill(2 ** 32 - 1)
      return drawn
    })
    const waits = vi.spyOn(globalThis, 'setTimeout')
    socket.conn.close()
    await vi.waitFor(() => expect(connections).toBe(2), { timeout: 10_000, interval: 5 })
    await vi.waitFor(() => expect(waits.mock.calls.map(([, wait]) => wait)).toContain(2_000))
    expect(waits.mock.calls.map(([, wait]) => wait)).toEqual(expect.arrayContaining([500, 1_000]))
    chance.mockRestore()
    waits.mockRestore()
  })
})

describe('N-HLF-01 a link whose network drops every packet and tells nobody', () => {
  let io: Server
  let port: number

  beforeEach(async () => {
    const http = createServer((_request, response) => response.end('ok'))
    io = new Server(http)
    io.on('connection', (socket) => {
      socket.on('relay-ping', (_payload, ack) => ack({ ok: true }))
      socket.emit('relay-hello', hello)
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const address = http.address()
    port = typeof address === 'object' && address ? address.port : 0
  })

  afterEach(() => io.close())

  const start = async (patience: ConstructorParameters<typeof Link>[2]) => {
    const cut = await startCut(port)
    const link = new Link(`http://127.0.0.1:${cut.port}`, () => undefined, patience)
    await until(() => link.state.value === 'online' && link.roundTrip.value !== undefined)
    return { cut, link }
  }

  it.each([true, 'there', 'back'] as const)(
    'notices by its own pings, says when it was last heard, and comes back (%s)',
    async (way) => {
      const { cut, link } = await start({ second: 20, ping: 50, dead: 200, connect: 300 })
      const silentFrom = performance.now()
      cut.silent = way
      await until(() => link.state.value === 'offline')
      expect(link.lastHeard.value?.steady).toBeLessThan(silentFrom + 500)
      cut.silent = false
      await until(() => link.state.value === 'online')
      link.close()
      await cut.close()
    },
  )

  it('comes back at once where it was cut between the two handshakes, of which Socket.IO itself hears nothing', async () => {
    const { cut, link } = await start({ connect: 1e6 })
    cut.open = false
    cut.cut()
    await until(() => link.state.value === 'offline')
    // The first packet comes behind the answer to the request, which is shorter than this.
    const answer = 129
    cut.cutAfter(answer)
    cut.open = true
    link.retry()
    await vi.waitFor(() => expect(cut.count).toBeGreaterThan(2), { timeout: 10_000, interval: 5 })
    await until(() => link.state.value === 'online')
    link.close()
    await cut.close()
  })

  it('takes a handshake that was cut off for no refusal', async () => {
    const { cut, link } = await start({ connect: 1e6 })
    const states: string[] = []
    const stop = link.state.subscribe((state) => states.push(state))
    const before = cut.count
    cut.cutAfter(1)
    cut.cut()
    await vi.waitFor(() => expect(cut.count).toBeGreaterThan(before + 1), { timeout: 10_000, interval: 5 })
    await until(() => link.state.value === 'online')
    expect(states).toEqual(['online', 'offline', 'online'])
    stop()
    link.close()
    await cut.close()
  })

  it('looks at once when the device wakes up, whatever the socket says of itself', async () => {
    const { cut, link } = await start({ second: 1e6, ping: 1e6, deadAfterWake: 100 })
    cut.silent = true
    link.wake()
    await until(() => link.state.value === 'offline')
    // A try that hangs on the network of before is given up for a new one.
    await expect.poll(() => cut.count, { interval: 5 }).toBeGreaterThan(1)
    cut.cut()
    cut.silent = false
    link.wake()
    await until(() => link.state.value === 'online')
    link.close()
    await cut.close()
  })
})
