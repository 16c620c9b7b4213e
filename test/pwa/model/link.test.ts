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
    const strict = createServer((_request, response) => response.end('ok'))
    const refusing = new Server(strict, { allowRequest: (_request, decide) => decide('no', false) })
    await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve))
    const address = strict.address()
    const other = new Link(
      `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
      () => undefined,
    )
    await until(() => other.state.value === 'refused')
    expect(other.failure.value?.code).toBe('relay-refused')
    other.close()
    await refusing.close()
  })
})

describe('N-HLF-01 a link whose network drops every packet and tells nobody', () => {
  let io: Server
  let port: number

  beforeEach(async () => {
    const http = createServer()
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

  it('notices by its own pings, says when it was last heard, and comes back', async () => {
    const { cut, link } = await start({ second: 20, ping: 50, dead: 200, connect: 300 })
    const silentFrom = performance.now()
    cut.silent = true
    await until(() => link.state.value === 'offline')
    expect(link.lastHeard.value?.steady).toBeLessThan(silentFrom + 100)
    cut.silent = false
    await until(() => link.state.value === 'online')
    link.close()
    await cut.close()
  })

  it('looks at once when the device wakes up, whatever the socket says of itself', async () => {
    const { cut, link } = await start({ second: 1e6, ping: 1e6, deadAfterWake: 100 })
    cut.silent = true
    link.wake()
    await until(() => link.state.value === 'offline')
    // A try that hangs on the network of before is given up for a new one.
    await vi.waitFor(() => expect(cut.count).toBeGreaterThan(1), { interval: 5 })
    cut.cut()
    cut.silent = false
    link.wake()
    await until(() => link.state.value === 'online')
    link.close()
    await cut.close()
  })
})
