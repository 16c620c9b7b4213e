import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { Ack, ServerEvent, ServerPayload } from '../../shared/protocol.ts'
import { shortText } from '../../shared/shortText.ts'
import { connected, once, openSocket } from '../harness/socket.ts'
import type { Sshd } from '../harness/sshd.ts'
import { Output } from './output.ts'
import type { Session, Way } from './way.ts'

/** As the app does: unacknowledged output, and what is acknowledged at once. */
const WINDOW = 512 * 1024
const ACK_BYTES = 32 * 1024
const ACK_MS = 50

/** A way through a relay, with what else its socket is asked. */
export interface RelayWay extends Way {
  /** @param near a session on whose connection it is opened, without a login */
  open(command: string, near?: string): Promise<Session & { sessionId: string }>
  /** Sends an event and waits for the value of its acknowledgement. @throws Error with the refusal */
  ask<T>(event: string, payload: object): Promise<T>
  /** Sends an event as a client of seed 000 does, and waits for the event that answers it. */
  askByEvent<E extends ServerEvent>(event: string, payload: object, answer: E): Promise<ServerPayload<E>>
}

/** The relay as the app uses it: one socket, bytes, acknowledgements, sessions that may be resumed. */
export async function relayWay(
  url: string,
  pid: number,
  { host, port, username, privateKey }: Sshd,
): Promise<RelayWay> {
  const socket = openSocket(url)
  await connected(socket)
  const sinks = new Map<string, (payload: ServerPayload<'ssh-data'>) => void>()
  socket.on('ssh-data', (payload: ServerPayload<'ssh-data'>) => sinks.get(payload.sessionId)?.(payload))
  const outputs = new Map<string, Output>()
  socket.on('ssh-disconnected', ({ sessionId }: ServerPayload<'ssh-disconnected'>) => {
    outputs.get(sessionId)?.end('the relay has ended the session')
  })
  socket.on('disconnect', (reason) => {
    for (const output of outputs.values()) output.end(reason)
  })
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const resume = publicKey.export({ format: 'der', type: 'spki' })

  async function ask<T>(event: string, payload: object): Promise<T> {
    const answer = (await socket.timeout(60_000).emitWithAck(event, payload)) as Ack<T>
    if (!answer.ok) throw new Error(`${event}: ${answer.failure.message}`)
    return answer.value
  }

  return {
    name: 'relay',
    ask,
    askByEvent(event, payload, answer) {
      const answered = once<ServerPayload<typeof answer>>(socket, answer)
      socket.emit(event, payload)
      return answered
    },
    async open(command, near) {
      const sessionId = randomUUID()
      const output = new Output()
      outputs.set(sessionId, output)
      let acked = 0
      let timer: NodeJS.Timeout | undefined
      const acknowledge = () => {
        clearTimeout(timer)
        timer = undefined
        acked = output.length
        socket.emit('ssh-ack', { sessionId, offset: acked })
      }
      sinks.set(sessionId, ({ data }) => {
        output.take(Buffer.from(data as Buffer))
        if (output.length - acked >= ACK_BYTES) acknowledge()
        else timer ??= setTimeout(acknowledge, ACK_MS)
      })
      const { shared } = await ask<{ shared?: boolean }>('ssh-connect', {
        ...{ sessionId, host, port, username, command, ...(near === undefined ? { privateKey } : { session: near }) },
        ...{ cols: 80, rows: 24, binary: true, resume, window: WINDOW },
      })
      if (near !== undefined && !shared) throw new Error('the connection is not shared')
      let offset = 0
      return {
        sessionId,
        output,
        pid,
        write(text) {
          const data = Buffer.from(text)
          socket.emit('ssh-data', { sessionId, data: shortText(data), offset })
          offset += data.length
        },
        async close() {
          clearTimeout(timer)
          sinks.delete(sessionId)
          outputs.delete(sessionId)
          await ask('ssh-disconnect', { sessionId })
        },
      }
    },
    async close() {
      socket.disconnect()
    },
  }
}
