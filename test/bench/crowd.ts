import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import ssh2, { type ClientChannel } from 'ssh2'
import type { Ack, ServerPayload } from '../../shared/protocol.ts'
import { connected, openSocket } from '../harness/socket.ts'
import { percentile } from './figures.ts'
import { cpuSeconds, settledMiB } from './proc.ts'
import type { Row } from './report.ts'
import type { Stage } from './stage.ts'

/** Idle sessions whose memory is looked at, and talking ones whose lines are timed. */
const IDLE = [200, 2000]
const TALKING = 1000
/** Talking sessions whose price in processor time is looked at, and ms for which it is. */
const FEW = 50
const SPEND_MS = 20_000
/** ms for which lines are timed. */
const LISTEN_MS = 10_000
/** Connects under way at once. */
const TOGETHER = 20

/** What many sessions cost: memory of each while they are idle, processor time and delay while they say ten lines a second. */
export async function crowd({ startRelay }: Stage): Promise<Row[]> {
  const host = await startHost()
  try {
    const rows = await idle(startRelay, host.port)
    const direct = await listen((delays) => talkDirectly(host.port, delays))
    const relay = await startRelay()
    const relayed = await listen((delays) => talkThrough(relay.url, host.port, TALKING, delays))
    await relay.close()
    return [
      ...rows,
      await spent(startRelay, host.port),
      ...[50, 99].map((share) => ({
        metric: `a line of one of ${TALKING.toLocaleString('en')} that say 10 a second, p${share}`,
        unit: 'ms',
        limit: { name: 'ssh2', figure: percentile(direct, share) },
        ours: percentile(relayed, share),
      })),
    ]
  } finally {
    host.close()
  }
}

async function idle(startRelay: Stage['startRelay'], port: number): Promise<Row[]> {
  const relay = await startRelay()
  const client = await open(relay.url, port)
  const empty = await settledMiB(relay.pid)
  const rows: Row[] = []
  let count = 0
  for (const goal of IDLE) {
    await many(goal - count, () => client.start('idle'))
    count = goal
    rows.push({
      metric: `RAM of each of ${goal.toLocaleString('en')} idle sessions`,
      unit: 'KiB',
      ours: (((await settledMiB(relay.pid)) - empty) * 1024) / goal,
      ...(goal === 2000 && { goal: { bound: 'at most', plus: 150 } as const }),
    })
  }
  client.close()
  await relay.close()
  return rows
}

async function spent(startRelay: Stage['startRelay'], port: number): Promise<Row> {
  const relay = await startRelay()
  const stop = await talkThrough(relay.url, port, FEW, [])
  const before = cpuSeconds(relay.pid)
  await pause(SPEND_MS)
  const seconds = cpuSeconds(relay.pid) - before
  stop()
  await relay.close()
  return {
    metric: `processor time of ${FEW} sessions that say 10 lines a second`,
    unit: 's/min',
    ours: (seconds * 60_000) / SPEND_MS,
    goal: { bound: 'at most', plus: 2.9 },
  }
}

/** Delays in ms of the lines that were heard once everybody talked. */
async function listen(talk: (delays: number[]) => Promise<() => void>): Promise<number[]> {
  const delays: number[] = []
  const stop = await talk(delays)
  delays.length = 0
  await pause(LISTEN_MS)
  stop()
  return delays
}

function hear(data: ServerPayload<'ssh-data'>['data'], delays: number[]): void {
  const now = performance.timeOrigin + performance.now()
  for (const [, sent] of Buffer.from(data as Uint8Array)
    .toString()
    .matchAll(/^([\d.]+) a line/gm))
    delays.push(now - Number(sent))
}

async function talkDirectly(port: number, delays: number[]): Promise<() => void> {
  const clients: InstanceType<typeof ssh2.Client>[] = []
  await many(TALKING, async () => {
    const client = new ssh2.Client()
    client.connect({ sock: connect({ host: '127.0.0.1', port, noDelay: true }), username: 'me', password: 'x' })
    await once(client, 'ready')
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.exec('chatter', { pty: true }, (error, opened) => (error ? reject(error) : resolve(opened)))
    })
    channel.on('data', (data: Buffer) => hear(data, delays))
    clients.push(client)
  })
  return () => {
    for (const client of clients) client.destroy()
  }
}

async function talkThrough(url: string, port: number, sessions: number, delays: number[]): Promise<() => void> {
  const client = await open(url, port)
  client.socket.on('ssh-data', ({ data }: ServerPayload<'ssh-data'>) => hear(data, delays))
  await many(sessions, () => client.start('chatter'))
  return client.close
}

/** One socket of a relay, through which sessions are opened on the crowd's host. */
async function open(url: string, port: number) {
  const socket = openSocket(url)
  await connected(socket)
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const resume = publicKey.export({ format: 'der', type: 'spki' })
  return {
    socket,
    async start(command: string): Promise<void> {
      const answer: Ack<unknown> = await socket.timeout(60_000).emitWithAck('ssh-connect', {
        ...{ sessionId: randomUUID(), host: '127.0.0.1', port, username: 'me', password: 'x' },
        ...{ command, binary: true, resume },
      })
      if (!answer.ok) throw new Error(answer.failure.message)
    },
    close: () => void socket.disconnect(),
  }
}

async function many(count: number, once: () => Promise<void>): Promise<void> {
  let left = count
  const worker = async () => {
    while (left-- > 0) await once()
  }
  await Promise.all(Array.from({ length: TOGETHER }, worker))
}

async function startHost(): Promise<{ port: number; close(): void }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('crowdHost.mjs', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { port: Number(line.toString()), close: () => void child.kill() }
}
