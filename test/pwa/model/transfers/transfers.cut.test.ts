import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TabView } from '../../../../pwa/model/tabs.ts'
import { type Browser, until } from '../../../harness/browser.ts'
import { downloadWithCuts, uploadWithCuts } from '../../../harness/cutTransfers.ts'
import {
  beforeWrites,
  given,
  holdWrites,
  isOver,
  logIn,
  MemoryGoal,
  openFiles,
  openFolder,
  sha256,
  stands,
} from '../../../harness/moving.ts'
import { startTestRelay, type TestRelay } from '../../../harness/relay.ts'
import { type Sshd, startSshd } from '../../../harness/sshd.ts'

const run = promisify(execFile)

let sshd: Sshd
let relay: TestRelay
let folder: ReturnType<typeof openFolder>

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay({ limits: { connectBurst: 1000 } })
})

beforeEach(() => {
  folder = openFolder()
})

afterEach(() => folder.remove())

afterAll(async () => {
  await relay.close()
  await sshd.close()
})

const list = async (tab: TabView, path: string) => {
  const files = []
  for await (const page of tab.sftp.list(path)) files.push(...page.files)
  return files
}

const item = (browser: Browser, id: string) => browser.app.transfers.items.value.find((one) => one.id === id)

describe('S-XFR-01 the network is cut at random points', () => {
  it('of an upload: it goes on each time, and all of it arrives', async () => {
    await uploadWithCuts({ sshd, relay, folder, cuts: 3 })
  })

  it.each(['handle', 'stream'] as const)('of a download to a %s: every byte comes once', async (kind) => {
    await downloadWithCuts({ sshd, relay, folder, cuts: 3 }, kind)
  })
})

/** Uploads a file and stops in the middle, as the page goes. */
async function leftInTheMiddle(name: string, window: { id: string; alone: boolean }, data: Buffer) {
  const { browser, tab } = await openFiles(sshd, relay.url, { name, window })
  holdWrites(tab, data.length / 2)
  const id = await browser.app.transfers.upload(tab, folder.path, [given('f', data)])
  await until(() => (item(browser, id)?.bytes ?? 0) > data.length / 3)
  await browser.close()
  const part = folder.names().find((one) => one.startsWith('.f.')) ?? ''
  return { id, part: join(folder.path, part) }
}

describe('after a reload', () => {
  const data = randomBytes(6 * 1024 * 1024)

  async function goOn(change: (part: string) => void = () => undefined, again = data) {
    const name = randomUUID()
    const window = { id: 'w', alone: true }
    const { id, part } = await leftInTheMiddle(name, window, data)
    const { ino } = statSync(part)
    change(part)
    const { browser } = await openFiles(sshd, relay.url, { name, window })
    expect(await stands(browser, id, 'needs-file')).toMatchObject({ source: 'person', files: 1 })
    const resuming = browser.app.transfers.needsFile(id, [given('f', again)])
    return { browser, id, ino, resuming }
  }

  it('N-KIL-01 an upload asks for its file and goes on from where it was', async () => {
    const { browser, id, ino, resuming } = await goOn()
    await resuming
    expect((await isOver(browser, id)).state).toBe('done')
    expect(statSync(join(folder.path, 'f')).ino).toBe(ino)
    expect(sha256(folder.read('f'))).toBe(sha256(data))
    await browser.close()
  })

  it.each([
    ['has other content', (part: string) => writeFileSync(part, randomBytes(statSync(part).size))],
    ['is shorter than was acknowledged', (part: string) => truncateSync(part, 100)],
  ])('S-XFR-04 it begins anew where what is there %s', async (_, change) => {
    const { browser, id, resuming } = await goOn(change)
    await resuming
    expect((await isOver(browser, id)).state).toBe('done')
    expect(sha256(folder.read('f'))).toBe(sha256(data))
    expect(folder.names()).toEqual(['f'])
    await browser.close()
  })

  it('another file is not taken for it', async () => {
    const { browser, id, resuming } = await goOn(undefined, data.subarray(1))
    await expect(resuming).rejects.toMatchObject({ failure: { code: 'source-changed' } })
    await browser.app.transfers.cancel(id)
    await stands(browser, id, 'cancelled')
    expect(folder.names()).toEqual([])
    await browser.close()
  })

  it('a download that the browser made says that it cannot go on', async () => {
    const name = randomUUID()
    const window = { id: 'w', alone: true }
    writeFileSync(join(folder.path, 'f'), data)
    const { browser, tab } = await openFiles(sshd, relay.url, { name, window })
    const goal = new MemoryGoal('stream')
    goal.gate = () => new Promise(() => undefined)
    const id = await browser.app.transfers.download(tab, await list(tab, folder.path), goal)
    await stands(browser, id, 'running')
    void browser.close()
    const { browser: next } = await openFiles(sshd, relay.url, { name, window: { id: 'w', alone: true } })
    expect(await stands(next, id, 'failed')).toMatchObject({ failure: { code: 'download-lost' } })
    await next.close()
  })
})

describe('the relay is gone in the middle', () => {
  it('and another leads to the same host: the transfer goes on through that', async () => {
    const first = await startTestRelay()
    const { browser, tab } = await openFiles(sshd, first.url)
    const data = randomBytes(6 * 1024 * 1024)
    const { letThrough } = holdWrites(tab, data.length / 2)
    const id = await browser.app.transfers.upload(tab, folder.path, [given('f', data)])
    await until(() => (item(browser, id)?.bytes ?? 0) > data.length / 3)
    await first.close()
    letThrough(data.length)
    await stands(browser, id, 'waiting')
    const { ino } = statSync(join(folder.path, folder.names()[0] ?? ''))
    const other = await browser.app.endpoints.add(relay.url)
    await until(() => other.link.state.value === 'online')
    const { tab: next } = browser.open(
      { scheme: 'sftp', host: sshd.host, port: sshd.port, username: sshd.username },
      other.id,
    )
    await logIn(browser, next, sshd)
    expect((await isOver(browser, id)).state).toBe('done')
    expect(statSync(join(folder.path, 'f')).ino).toBe(ino)
    expect(sha256(folder.read('f'))).toBe(sha256(data))
    await browser.close()
  })

  it('between two hosts on two relays files go through the page, and are whole', async () => {
    const second = await startTestRelay()
    const { browser, tab } = await openFiles(sshd, relay.url)
    const other = await browser.app.endpoints.add(second.url)
    await until(() => other.link.state.value === 'online')
    const { tab: far } = browser.open(
      { scheme: 'sftp', host: 'localhost', port: sshd.port, username: sshd.username },
      other.id,
    )
    await logIn(browser, far, sshd)
    const data = randomBytes(5 * 1024 * 1024)
    writeFileSync(join(folder.path, 'f'), data)
    mkdirSync(join(folder.path, 'to'))
    chmodSync(join(folder.path, 'to'), 0o777)
    const files = (await list(tab, folder.path)).filter(({ name }) => name === 'f')
    const id = await browser.app.transfers.copy(tab, files, far, join(folder.path, 'to'))
    expect((await isOver(browser, id)).state).toBe('done')
    expect(sha256(folder.read('to/f'))).toBe(sha256(data))
    await browser.close()
    await second.close()
  })

  it('between two hosts on one relay that copies', async () => {
    const { browser, tab } = await openFiles(sshd, relay.url)
    const { tab: far } = browser.open({ scheme: 'sftp', host: 'localhost', port: sshd.port, username: sshd.username })
    await logIn(browser, far, sshd)
    const data = randomBytes(9 * 1024 * 1024)
    writeFileSync(join(folder.path, 'f'), data)
    mkdirSync(join(folder.path, 'to'))
    chmodSync(join(folder.path, 'to'), 0o777)
    const files = (await list(tab, folder.path)).filter(({ name }) => name === 'f')
    const id = await browser.app.transfers.copy(tab, files, far, join(folder.path, 'to'))
    expect((await isOver(browser, id)).state).toBe('done')
    expect(sha256(folder.read('to/f'))).toBe(sha256(data))
    await browser.close()
  })
})

it('S-XFR-05 a full disk is said, before or in the middle, and the old file is untouched', async () => {
  const disk = join(folder.path, 'disk')
  mkdirSync(disk)
  await run('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=777', 'none', disk])
  try {
    const { browser, tab } = await openFiles(sshd, relay.url)
    writeFileSync(join(disk, 'f'), 'old')
    chmodSync(join(disk, 'f'), 0o666)
    const before = await browser.app.transfers.upload(tab, disk, [given('f', randomBytes(6_000_000))])
    expect(await isOver(browser, before)).toMatchObject({ state: 'failed', failure: { code: 'no-space' } })
    const data = randomBytes(3_500_000)
    let writes = 0
    beforeWrites(tab, () => {
      if (++writes === 3) writeFileSync(join(disk, 'theirs'), randomBytes(2_000_000))
    })
    const amid = await browser.app.transfers.upload(tab, disk, [given('g', data)])
    expect(await isOver(browser, amid)).toMatchObject({ state: 'failed' })
    expect(readFileSync(join(disk, 'f'), 'utf8')).toBe('old')
    await browser.app.transfers.cancel(amid)
    expect(readdirSync(disk).sort()).toEqual(['f', 'theirs'])
    await browser.close()
  } finally {
    await run('umount', [disk])
  }
})
