import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { expect, test } from 'vitest'
import { withoutBytes } from '../../relay/withoutBytes.ts'
import { once, openSocket } from '../harness/socket.ts'

test('Socket.IO sends it whole, as event and as answer, and looks at each of its parts once', async () => {
  const http = createServer()
  const io = new Server(http)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  let looks = 0
  const payload = () => {
    const entry = Object.defineProperty({}, 'name', { enumerable: true, get: () => `name ${++looks}` })
    return withoutBytes({ path: '/', files: [entry] })
  }
  io.on('connection', (socket) => {
    socket.on('list', (answer: (given: object) => void) => {
      socket.emit('listed', payload())
      answer({ ok: true, value: payload() })
    })
  })
  const socket = openSocket(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)
  try {
    const listed = once(socket, 'listed')
    const answer = await socket.emitWithAck('list')
    expect(await listed).toEqual({ path: '/', files: [{ name: 'name 1' }] })
    expect(answer).toEqual({ ok: true, value: { path: '/', files: [{ name: 'name 2' }] } })
  } finally {
    socket.disconnect()
    await io.close()
  }
})
