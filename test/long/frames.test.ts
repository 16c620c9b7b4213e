import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { chance } from '../harness/chance.ts'
import { Client } from '../harness/client.ts'
import { startTestRelay } from '../harness/relay.ts'

/** Packets that Socket.IO's client sends, as Engine.IO 4 puts them on a WebSocket. */
const good = [
  '40',
  '40{"token":"x"}',
  '41',
  '2',
  '3',
  '6',
  '42["relay-ping",{}]',
  '420["session-list",{}]',
  '42["ssh-data",{"sessionId":"a","data":"x","offset":0}]',
  '42["ssh-resize",{"sessionId":"a","cols":80,"rows":24}]',
  '421["sftp-stat",{"sessionId":"a","path":"/"}]',
  '431[{"ok":true}]',
  '451-["ssh-data",{"sessionId":"a","data":{"_placeholder":true,"num":0},"offset":0}]',
  '452-9["sftp-write",{"sessionId":"a","handle":{"_placeholder":true,"num":1},"data":{"_placeholder":true,"num":0}}]',
  '461-1[{"_placeholder":true,"num":0}]',
  '44{"message":"no"}',
  '42/admin,["relay-ping",{}]',
].map((packet) => Buffer.from(packet))

/** A frame of a WebSocket as a client sends it (RFC 6455 §5.2), masked with zeros. */
function frame(opcode: number, payload: Buffer, told = payload.length): Buffer {
  const head =
    told < 126 ? Buffer.of(0x80 | opcode, 0x80 | told) : Buffer.of(0x80 | opcode, 0x80 | 126, told >> 8, told)
  return Buffer.concat([head, Buffer.alloc(4), payload])
}

/** A WebSocket of the relay, past its upgrade. */
async function upgrade(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => undefined)
  const key = randomBytes(16).toString('base64')
  const wants = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}`
  socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${wants}\r\n\r\n`)
  await once(socket, 'data')
  socket.resume()
  return socket
}

test('R-VAL-01 a million packets that were changed: bad peers are closed, and the relay serves on', async () => {
  const relay = await startTestRelay({ limits: { connectBurst: 10_000, connectsPerSecond: 1000 } })
  const random = chance(7)
  const changed = (): Buffer => {
    const packet = Buffer.from(good[random(good.length)] ?? '')
    for (let times = random(4); times > 0; times--) packet[random(packet.length)] = random(256)
    return random(8) ? packet : packet.subarray(0, random(packet.length + 1))
  }
  let sent = 0
  let closed = 0
  const peer = async () => {
    while (sent < 1_000_000) {
      const socket = await upgrade(relay.port)
      const over = once(socket, 'close').then(() => {
        closed += 1
      })
      socket.write(frame(1, Buffer.from('40')))
      while (!socket.destroyed && sent < 1_000_000) {
        const payload = changed()
        const opcode = random(4) ? 1 : (random(3) && 2) || random(16)
        // Now and then a length that is not the payload's, which takes in what follows.
        const told = random(100) ? payload.length : random(65_536)
        sent += 1
        if (!socket.write(frame(opcode, payload, told))) await Promise.race([once(socket, 'drain'), over])
        if (sent % 16 === 0) await setImmediate()
      }
      socket.destroy()
      await over
    }
  }
  await Promise.all(Array.from({ length: 8 }, peer))
  expect(closed).toBeGreaterThan(1000)
  expect(relay.events.filter(({ event }) => event === 'bug')).toEqual([])
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  const client = await Client.open(relay.url)
  expect(await client.ask('session-list', {})).toMatchObject({ sessions: [] })
  client.close()
  await relay.close()
})
