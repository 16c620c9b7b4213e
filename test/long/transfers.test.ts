import { execFile } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, createReadStream, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { DownloadGoal, Sink } from '../../pwa/model/out/goal.ts'
import type { TabView } from '../../pwa/model/tabs.ts'
import { type Browser, until } from '../harness/browser.ts'
import { chance } from '../harness/chance.ts'
import { downloadWithCuts, uploadWithCuts } from '../harness/cutTransfers.ts'
import {
  answering,
  beforeWrites,
  given,
  isOver,
  logIn,
  MemoryGoal,
  openBesideShell,
  openFiles,
  openFolder,
  sha256,
} from '../harness/moving.ts'
import { startTestRelay } from '../harness/relay.ts'
import { type RelayProcess, spawnRelay } from '../harness/relayProcess.ts'
import { freePort, type Sshd, startSshd } from '../harness/sshd.ts'

const run = promisify(execFile)

let sshd: Sshd
let folder: ReturnType<typeof openFolder>

beforeAll(async () => {
  sshd = await startSshd()
})

beforeEach(() => {
  folder = openFolder()
})

afterEach(() => folder.remove())

afterAll(() => sshd.close())

const list = async (tab: TabView, path: string) => {
  const files = []
  for await (const page of tab.sftp.list(path)) files.push(...page.files)
  return files
}

/** Kills what this sshd has started for its logins. */
async function killLogins(): Promise<void> {
  const listening = (await run('ss', ['-Hltnp', `sport = :${sshd.port}`])).stdout
  const master = Number(/pid=(\d+)/.exec(listening)?.[1])
  const parents = (await run('ps', ['-eo', 'pid=,ppid='])).stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
  const below = (pid: number): number[] =>
    parents.filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)])
  for (const pid of below(master)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

const ROUNDS = 200

test('S-XFR-03 relay, sshd and page are killed in mid upload, 200 times: the target is the old file or the new one', async () => {
  const port = await freePort()
  const state = openFolder()
  const start = () => spawnRelay(undefined, '--port', String(port), '--state', state.path)
  let relay: RelayProcess = await start()
  const url = `http://127.0.0.1:${port}`
  const name = randomUUID()
  const window = { id: 'w', alone: true }
  const random = chance(port)
  const size = 4 * 1024 * 1024
  const target = join(folder.path, 'f')
  writeFileSync(target, randomBytes(size), { mode: 0o666 })
  await run('chown', [sshd.username, target])
  let old = sha256(folder.read('f'))
  let browser: Browser | undefined
  const killed = { relay: 0, sshd: 0, page: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    const data = randomBytes(size)
    const fresh = sha256(data)
    browser ??= (await openFiles(sshd, url, { name, window })).browser
    const { transfers, tabs } = browser.app
    const tab =
      tabs.tabs.value.find(({ sftp }) => sftp.state.value === 'open') ??
      browser.open({ scheme: 'sftp', host: sshd.host, port: sshd.port, username: sshd.username }).tab
    // What was killed last may not have been noticed yet.
    await logIn(browser, tab, sshd).catch(() => logIn(browser as Browser, tab, sshd))
    const at = random(size)
    const source = given('f', data, 1_000 * (round + 1))
    let ignore = () => {}
    const struck = new Promise<void>((strike) => {
      ignore = beforeWrites(tab, (end) => end > at && strike())
    })
    const id = await transfers.upload(tab, folder.path, [source])
    const conflict = await until(() => transfers.conflict.value)
    conflict.answer('replace', true)
    await struck
    ignore()
    const victim = (['relay', 'sshd', 'page'] as const)[random(3)] ?? 'relay'
    killed[victim]++
    if (victim === 'relay') await relay.kill('SIGKILL')
    else if (victim === 'sshd') await killLogins()
    else {
      // A page that crashes writes nothing more, and says nothing.
      browser.app.store.close()
      browser.app.endpoints.close()
      browser = undefined
    }
    expect([old, fresh]).toContain(sha256(folder.read('f')))
    if (victim === 'relay') relay = await start()
    if (!browser) {
      browser = (await openFiles(sshd, url, { name, window })).browser
      const { transfers: now } = browser.app
      await until(() => now.items.value.find((one) => one.id === id)?.state === 'needs-file' || undefined)
      await now.needsFile(id, [source])
    }
    // It opens the files again by itself, for which it has to log in.
    expect((await answering(browser, sshd, isOver(browser, id))).state).toBe('done')
    expect(sha256(folder.read('f'))).toBe(fresh)
    expect(folder.names()).toEqual(['f'])
    await browser.app.transfers.clearFinished()
    for (const { id: one, sftp } of browser.app.tabs.tabs.value)
      if (sftp.state.value !== 'open') await browser.app.tabs.close(one)
    old = fresh
  }
  expect(Math.min(...Object.values(killed))).toBeGreaterThan(ROUNDS / 10)
  await browser?.close()
  await relay.kill('SIGTERM')
  state.remove()
})

/** The SHA-256 of a file, read in pieces. */
async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Takes one file and keeps its hash alone. */
class HashGoal extends MemoryGoal implements DownloadGoal {
  readonly hash = createHash('sha256')
  bytes = 0

  override async open(): Promise<Sink> {
    return {
      have: 0,
      write: async (_, data) => {
        this.hash.update(data)
        this.bytes += data.length
      },
      close: async () => undefined,
      abort: async () => undefined,
    }
  }
}

/** A file of the disk, read as it is asked for: `openAsBlob` of Node 20 counts bytes in 32 bits. */
function fileOn(disk: FileHandle, size: number): File {
  const slice = (from = 0, to = size) => ({
    size: to - from,
    arrayBuffer: async () => {
      const bytes = new Uint8Array(to - from)
      const { bytesRead } = await disk.read(bytes, 0, bytes.length, from)
      return bytes.buffer.slice(0, bytesRead)
    },
  })
  // What an upload asks of a file, and no more.
  return { name: 'f', size, lastModified: 1_000, slice } as unknown as File
}

test.each(['upload', 'handle', 'stream'] as const)('S-XFR-01 the network is cut at twenty points (%s)', async (way) => {
  const relay = await startTestRelay({ limits: { connectBurst: 1000 } })
  const world = { sshd, relay, folder, cuts: 20 }
  await (way === 'upload' ? uploadWithCuts(world) : downloadWithCuts(world, way))
  await relay.close()
})

test('S-XFR-01 five sparse GiB go up and come down', async () => {
  const relay = await startTestRelay()
  const { browser, tab } = await openFiles(sshd, relay.url)
  const size = 5 * 1024 ** 3 + 1
  const source = join(folder.path, 'source')
  writeFileSync(source, '')
  truncateSync(source, size)
  const marks = await open(source, 'r+')
  for (let at = 0; at < 50; at++) await marks.write(randomBytes(1000), 0, 1000, at * 100_000_007)
  await marks.close()
  mkdirSync(join(folder.path, 'to'))
  chmodSync(join(folder.path, 'to'), 0o777)
  const disk = await open(source, 'r')
  const file = fileOn(disk, size)
  const id = await browser.app.transfers.upload(tab, join(folder.path, 'to'), [
    { path: ['f'], kind: 'file', file: async () => file, size, modifiedAt: 1_000 },
  ])
  expect(await isOver(browser, id)).toMatchObject({ state: 'done', bytes: size })
  const expected = await hashOf(source)
  expect(await hashOf(join(folder.path, 'to/f'))).toBe(expected)
  const goal = new HashGoal()
  const back = await browser.app.transfers.download(tab, await list(tab, join(folder.path, 'to')), goal)
  expect(await isOver(browser, back)).toMatchObject({ state: 'done', bytes: size })
  expect(goal.bytes).toBe(size)
  expect(goal.hash.digest('hex')).toBe(expected)
  await disk.close()
  await browser.close()
  await relay.close()
})

test('ten thousand small files go up in a tree and come down, cut on the way', async () => {
  const relay = await startTestRelay()
  const { browser, tab } = await openBesideShell(sshd, relay.url)
  const files = Array.from({ length: 10_000 }, (_, at) => [`tree/${at % 100}/${at}`, randomBytes(at % 5_000)] as const)
  const id = await browser.app.transfers.upload(
    tab,
    folder.path,
    files.map(([path, data]) => given(path, data)),
  )
  for (const done of [1_000, 3_000, 7_000]) {
    await until(() => (browser.app.transfers.items.value.find((one) => one.id === id)?.filesDone ?? 0) > done)
    tab.session.link?.cut()
  }
  expect(await isOver(browser, id)).toMatchObject({ state: 'done', filesDone: 10_000, problemCount: 0 })
  for (const [path, data] of files) expect(sha256(folder.read(path))).toBe(sha256(data))
  // Nothing of what was cut off is left beside them.
  expect(readdirSync(folder.path, { recursive: true }).length).toBe(1 + 100 + 10_000)
  const goal = new MemoryGoal()
  const back = await browser.app.transfers.download(tab, await list(tab, folder.path), goal)
  expect(await isOver(browser, back)).toMatchObject({ state: 'done', filesDone: 10_000 })
  for (const [path, data] of files) expect(sha256(goal.files.get(path) as Buffer)).toBe(sha256(data))
  expect(statSync(join(folder.path, 'tree/0/0')).size).toBe(0)
  await browser.close()
  await relay.close()
})
