import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cut, startCut } from '../harness/cut.ts'
import { inMemory } from '../harness/inMemory.ts'
import { openssh } from '../harness/openssh.ts'
import { interleave, median } from './figures.ts'
import { Output } from './output.ts'
import { residentMiB } from './proc.ts'
import type { RelayWay } from './relayWay.ts'
import type { Goal, Row } from './report.ts'
import type { Stage } from './stage.ts'

/** Files of 4 KiB, on a near host and on a far one. */
const MANY = { near: 2000, far: 20 }
const SMALL = 4096
/** Milliseconds there and back to a far host. */
const FAR_MS = 100
/** Pieces of one file, and small files, that are on their way at once, as the app has them. */
const PIECES = 16
const TOGETHER = 32
/** Milliseconds between looks at the relay's memory. */
const LOOK_MS = 50

/** A large file and small ones, and where the host is. */
interface What {
  mebibytes: number
  many: number
  place: string
}

/** What moves files between this machine and the host, on a conversation that is open. */
interface Mover {
  name: 'OpenSSH' | 'relay'
  up(from: string, to: string): Promise<void>
  down(from: string, to: string): Promise<void>
  /** A directory of small files. */
  upAll(from: string, to: string): Promise<void>
  downAll(from: string, to: string): Promise<void>
  close(): Promise<void>
}

/** A large file and many small ones, up and down, with a near host and with one that is 100 ms away; their disk is memory. */
export async function files(stage: Stage): Promise<Row[]> {
  const cut = await startCut(stage.sshd.port)
  const idle = residentMiB(stage.relay.pid)
  let most = idle
  const watch = setInterval(() => {
    most = Math.max(most, residentMiB(stage.relay.pid))
  }, LOOK_MS)
  try {
    const near = await measure(stage, cut, { mebibytes: 4 * stage.mebibytes, many: MANY.near, place: '' })
    cut.delay = FAR_MS / 2
    const far = await measure(stage, cut, { mebibytes: stage.mebibytes, many: MANY.far, place: `, ${FAR_MS} ms away` })
    const memory: Row = { metric: 'RAM of the relay that files took at most', unit: 'MiB', ours: most - idle }
    return [...near, ...far, memory]
  } finally {
    clearInterval(watch)
    await cut.close()
  }
}

async function measure(stage: Stage, cut: Cut, what: What): Promise<Row[]> {
  const here = join(inMemory, `fairlead-here-${randomUUID()}`)
  const there = join(inMemory, `fairlead-there-${randomUUID()}`)
  try {
    await mkdir(join(here, 'many'), { recursive: true })
    await mkdir(there)
    await chmod(there, 0o777)
    await writeFile(join(here, 'large'), randomBytes(what.mebibytes * 2 ** 20))
    for (let at = 0; at < what.many; at++) await writeFile(join(here, 'many', `file-${at}`), randomBytes(SMALL))
    return await compare(stage, cut, what, { here, there })
  } finally {
    for (const directory of [here, there]) await rm(directory, { recursive: true, force: true })
  }
}

async function compare(
  stage: Stage,
  cut: Cut,
  { mebibytes, many, place }: What,
  { here, there }: { here: string; there: string },
): Promise<Row[]> {
  const bytes = mebibytes * 2 ** 20
  // A near host is reached without the proxy, which has a price of its own.
  const port = cut.delay > 0 ? cut.port : stage.sshd.port
  const movers = [await opensshMover(stage, port), await relayMover(stage, port)]
  let turn = 0
  const timed = async (work: () => Promise<void>) => {
    const start = performance.now()
    await work()
    return (performance.now() - start) / 1000
  }
  const rate = (amount: number, run: (mover: Mover, turn: string) => Promise<void>) =>
    interleave(stage.rounds, movers, async (mover) => {
      turn += 1
      return [amount / (await timed(() => run(mover, String(turn))))]
    })
  const megabytes = bytes / 1e6
  const figures = {
    up: await rate(megabytes, async (mover, name) => {
      const to = join(there, name)
      await mover.up(join(here, 'large'), to)
      await hasSize(to, bytes)
      await rm(to)
    }),
    down: await rate(megabytes, async (mover, name) => {
      const to = join(here, name)
      await mover.down(join(here, 'large'), to)
      await hasSize(to, bytes)
      await rm(to)
    }),
    upAll: await rate(many, async (mover, name) => {
      await mover.upAll(join(here, 'many'), join(there, name))
      await hasFiles(join(there, name), many)
    }),
    downAll: await rate(many, async (mover, name) => {
      await mover.downAll(join(here, 'many'), join(here, name))
      await hasFiles(join(here, name), many)
    }),
  }
  for (const mover of movers) await mover.close()
  // A far host is to be no slower than with OpenSSH's own client.
  const goals: Record<'large' | 'small', Goal> =
    cut.delay > 0
      ? { large: { bound: 'at least', factor: 1 }, small: { bound: 'at least', factor: 1 } }
      : { large: { bound: 'at least', factor: 0.8 }, small: { bound: 'at least', factor: 2 } }
  const row = (metric: string, unit: string, of: Record<string, number[]>, goal: Goal): Row => ({
    metric: `${metric}${place}`,
    unit,
    limit: { name: 'OpenSSH', figure: median(of.OpenSSH ?? []) },
    ours: median(of.relay ?? []),
    goal,
  })
  return [
    row(`${mebibytes} MiB up`, 'MB/s', figures.up, goals.large),
    row(`${mebibytes} MiB down`, 'MB/s', figures.down, goals.large),
    row(`${many} files of 4 KiB up`, '1/s', figures.upAll, goals.small),
    row(`${many} files of 4 KiB down`, '1/s', figures.downAll, goals.small),
  ]
}

/** @throws Error where a file is not as long as it should be, in bytes */
export async function hasSize(path: string, bytes: number): Promise<void> {
  const { size } = await stat(path)
  if (size !== bytes) throw new Error(`${path} has ${size} of ${bytes} bytes`)
}

async function hasFiles(path: string, count: number): Promise<void> {
  const names = await readdir(path)
  if (names.length !== count) throw new Error(`${path} has ${names.length} of ${count} files`)
  await hasSize(join(path, names[0] ?? ''), SMALL)
}

async function opensshMover({ sshd, directory }: Stage, port: number): Promise<Mover> {
  const hostKey = Buffer.from(sshd.hostKey, 'base64')
  const client = await openssh({ ...sshd, port, hostKey, identity: join(directory, 'identity') })
  const child = client.start('sftp', ['-q', client.target])
  const output = new Output()
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => output.take(chunk))
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  child.once('close', () => output.end(`sftp has ended: ${said}`))
  let turn = 0
  const run = async (command: string) => {
    turn += 1
    // Commands are echoed when they are read: the comment when the one before it is done.
    child.stdin?.write(`${command}\n# turn ${turn} #\n`)
    await output.shows(`# turn ${turn} #`)
  }
  await run('pwd')
  return {
    name: 'OpenSSH',
    up: (from, to) => run(`put ${from} ${to}`),
    down: (from, to) => run(`get ${from} ${to}`),
    upAll: (from, to) => run(`put -R ${from} ${to}`),
    downAll: (from, to) => run(`get -R ${from} ${to}`),
    close: () => client.close(),
  }
}

/** The relay with the events that the app uses. */
async function relayMover({ ways, sshd }: Stage, port: number): Promise<Mover> {
  const [, , relay] = ways
  const sessionId = randomUUID()
  const { host, username, privateKey } = sshd
  const { limits } = await relay.ask<{ limits: { read: number; write: number } }>('sftp-connect', {
    ...{ sessionId, host, port, username, privateKey },
  })
  const ask = <T>(event: string, payload: object) => relay.ask<T>(event, { sessionId, ...payload })
  return {
    name: 'relay',
    up: (from, to) => up(ask, limits.write, from, to),
    down: (from, to) => down(ask, limits.read, from, to),
    async upAll(from, to) {
      await ask('sftp-mkdir', { path: to })
      await atOnce(TOGETHER, await readdir(from), async (name) => {
        const file = await open(join(from, name))
        const data = await file.readFile()
        await file.close()
        await ask('sftp-put', { path: `${to}/${name}`, data, existing: 'refuse', mode: 0o644 })
      })
    },
    async downAll(from, to) {
      await mkdir(to)
      const { files } = await ask<{ files: { name: string }[] }>('sftp-list', { path: from })
      await atOnce(TOGETHER, files, async ({ name }) => {
        const { data } = await ask<{ data: Buffer }>('sftp-get', { path: `${from}/${name}` })
        await writeFile(join(to, name), data)
      })
    },
    async close() {
      await ask('sftp-disconnect', {})
    },
  }
}

type Ask = RelayWay['ask']

async function up(ask: Ask, piece: number, from: string, to: string): Promise<void> {
  const source = await open(from)
  const { size } = await source.stat()
  const part = `${to}.part`
  const { handle } = await ask<{ handle: number }>('sftp-open', {
    ...{ path: part, write: true, create: true, exclusive: true },
  })
  await atOnce(PIECES, offsets(size, piece), async (offset) => {
    const { buffer, bytesRead } = await source.read(Buffer.allocUnsafe(piece), 0, piece, offset)
    await ask('sftp-write', { handle, offset, data: buffer.subarray(0, bytesRead) })
  })
  const [{ attributes }] = await Promise.all([
    ask<{ attributes: { size?: number } }>('sftp-fstat', { handle }),
    ask('sftp-close', { handle }),
  ])
  if (attributes.size !== size) throw new Error(`${attributes.size} of ${size} bytes have arrived`)
  await ask('sftp-rename', { from: part, to, overwrite: true })
  await source.close()
}

async function down(ask: Ask, piece: number, from: string, to: string): Promise<void> {
  const goal = await open(to, 'w')
  const { handle } = await ask<{ handle: number }>('sftp-open', { path: from, read: true })
  const { attributes } = await ask<{ attributes: { size: number } }>('sftp-fstat', { handle })
  await atOnce(PIECES, offsets(attributes.size, piece), async (offset) => {
    const end = Math.min(offset + piece, attributes.size)
    for (let at = offset; at < end; ) {
      const { data } = await ask<{ data: Buffer }>('sftp-read', { handle, offset: at, length: end - at })
      if (data.length === 0) throw new Error(`${from} ends at ${at} of ${attributes.size} bytes`)
      await goal.write(data, 0, data.length, at)
      at += data.length
    }
  })
  await ask('sftp-close', { handle })
  await goal.close()
}

function offsets(size: number, piece: number): number[] {
  return Array.from({ length: Math.ceil(size / piece) }, (_, at) => at * piece)
}

/** Runs the work for each, at most so many at once, in order. */
async function atOnce<T>(most: number, all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = all.values()
  await Promise.all(
    Array.from({ length: most }, async () => {
      for (const one of rest) await work(one)
    }),
  )
}
