import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2, { type SFTPWrapper } from 'ssh2'
import type { ServerPayload } from '../../shared/protocol.ts'
import { openssh } from '../harness/openssh.ts'
import { interleave, median } from './figures.ts'
import { Output } from './output.ts'
import type { Row } from './report.ts'
import type { Stage } from './stage.ts'

const ENTRIES = 10_000

/** A lister that is connected and logged in. */
interface Lister {
  name: string
  /** Lists the directory; how many entries there were. */
  list(): Promise<number>
  close(): Promise<void>
}

/** A directory of 10,000 entries, on an open SFTP conversation. */
export async function listing(stage: Stage): Promise<Row[]> {
  const path = join(stage.directory, 'crowded')
  await mkdir(path)
  for (let entry = 0; entry < ENTRIES; entry++) await writeFile(join(path, `report-${entry}.txt`), '')
  const listers = [
    await opensshLister(stage, path),
    await ssh2Lister(stage, path),
    await relayLister(stage, path, 'relay'),
    await relayLister(stage, path, 'pages', 1000),
  ]
  const times = await interleave(stage.rounds, listers, async (lister) => {
    const start = performance.now()
    const entries = await lister.list()
    const time = performance.now() - start
    if (entries !== ENTRIES) throw new Error(`${lister.name} lists ${entries} entries`)
    return [time]
  })
  for (const lister of listers) await lister.close()
  const limit = { name: 'OpenSSH', figure: median(times.OpenSSH ?? []) }
  const same = { unit: 'ms', limit, ssh2: median(times.ssh2 ?? []), goal: { bound: 'at most', factor: 0.9 } } as const
  return [
    { metric: 'list 10,000 entries', ours: median(times.relay ?? []), ...same },
    { metric: 'list 10,000 entries in pages', ours: median(times.pages ?? []), ...same },
  ]
}

async function opensshLister({ sshd, directory }: Stage, path: string): Promise<Lister> {
  const hostKey = Buffer.from(sshd.hostKey, 'base64')
  const client = await openssh({ ...sshd, hostKey, identity: join(directory, 'identity') })
  const child = client.start('sftp', ['-q', client.target])
  const output = new Output()
  let chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    output.take(chunk)
  })
  child.once('close', () => output.end('sftp has ended'))
  child.stdin?.write(`cd ${path}\n# ready\n`)
  await output.shows('# ready')
  let turn = 0
  return {
    name: 'OpenSSH',
    async list() {
      chunks = []
      // Commands are echoed when they are read: the comment when the listing is out.
      child.stdin?.write(`ls -1\n# turn ${++turn}\n`)
      await output.shows(`# turn ${turn}`)
      return (
        Buffer.concat(chunks)
          .toString()
          .match(/^report-/gm)?.length ?? 0
      )
    },
    close: () => client.close(),
  }
}

async function ssh2Lister({ sshd }: Stage, path: string): Promise<Lister> {
  const { host, port, username, privateKey } = sshd
  const client = new ssh2.Client()
  client.connect({ host, port, username, privateKey })
  await once(client, 'ready')
  client.setNoDelay(true)
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
    client.sftp((error, opened) => (error ? reject(error) : resolve(opened)))
  })
  return {
    name: 'ssh2',
    list: () =>
      new Promise((resolve, reject) => {
        sftp.readdir(path, (error, list) => (error ? reject(error) : resolve(list.length)))
      }),
    async close() {
      const closed = once(client, 'close')
      client.destroy()
      await closed
    },
  }
}

async function relayLister({ ways, sshd }: Stage, path: string, name: string, page?: number): Promise<Lister> {
  const [, , relay] = ways
  const sessionId = randomUUID()
  const { host, port, username, privateKey } = sshd
  await relay.ask('sftp-connect', { sessionId, host, port, username, privateKey })
  const whole = async () => (await relay.askByEvent('sftp-list', { sessionId, path }, 'sftp-list-result')).files.length
  const pages = async () => {
    let entries = 0
    let cursor: string | undefined
    do {
      const asked = { sessionId, path, page, ...(cursor !== undefined && { cursor }) }
      const { files, ...rest } = await relay.ask<ServerPayload<'sftp-list-result'>>('sftp-list', asked)
      entries += files.length
      cursor = rest.cursor
    } while (cursor !== undefined)
    return entries
  }
  return {
    name,
    list: page === undefined ? whole : pages,
    async close() {
      await relay.ask('sftp-disconnect', { sessionId })
    },
  }
}
