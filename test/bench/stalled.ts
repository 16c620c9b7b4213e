import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Socket } from 'socket.io-client'
import { Returning } from '../harness/returning.ts'
import { residentMiB, settledMiB } from './proc.ts'
import type { Row } from './report.ts'
import type { Stage } from './stage.ts'

/** Relays that are looked at together, each with one client. */
const RELAYS = 5
const STALL_MS = 60_000
/** Bytes after which the flood flows. */
const FLOWING = 8 * 1024 * 1024
/** ms between two looks at what has come. */
const LOOK_MS = 20

/** A client that reads nothing for a minute while its session is flooded, and comes back: what the relay grows by meanwhile. */
export async function stalled({ startRelay, sshd }: Stage): Promise<Row[]> {
  const { host, port, username, privateKey } = sshd
  const growths = await Promise.all(
    Array.from({ length: RELAYS }, async () => {
      const relay = await startRelay()
      const connect = { sessionId: randomUUID(), host, port, username, privateKey, binary: true, interactive: true }
      const client = new Returning(relay.url, { ...connect, command: 'yes' } as { sessionId: string })
      await client.connect()
      const reaches = async (offset: number) => {
        while (client.rendered < offset) await pause(LOOK_MS)
      }
      await reaches(FLOWING)
      const before = residentMiB(relay.pid)
      const tcp = tcpOf(client.client.socket)
      tcp.pause()
      await pause(STALL_MS)
      const growth = (await settledMiB(relay.pid)) - before
      tcp.destroy()
      await client.comeBack()
      await reaches(client.rendered + FLOWING)
      if (client.lost > 0) throw new Error(`${client.lost} bytes are lost`)
      client.client.close()
      await relay.close()
      return growth
    }),
  )
  return [
    {
      metric: `growth with a client stalled for ${STALL_MS / 1000} s in a flood, the most of ${RELAYS}`,
      unit: 'MiB',
      ours: Math.max(...growths),
      goal: { bound: 'at most', plus: 2 },
    },
  ]
}

/** The connection below a Socket.IO client, which has no word for not reading. */
function tcpOf(socket: Socket): { pause(): void; destroy(): void } {
  const { transport } = socket.io.engine as unknown as {
    transport: { ws: { _socket: { pause(): void; destroy(): void } } }
  }
  return transport.ws._socket
}
