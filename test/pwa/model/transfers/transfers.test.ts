import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Failed } from '../../../../pwa/model/failure.ts'
import type { TabView } from '../../../../pwa/model/tabs.ts'
import type { Choice } from '../../../../pwa/model/transfers/transferView.ts'
import { type Browser, until } from '../../../harness/browser.ts'
import {
  beforeWrites,
  given,
  holdWrites,
  isOver,
  MemoryGoal,
  openFiles,
  openFolder,
  sha256,
  stands,
} from '../../../harness/moving.ts'
import { startTestRelay, type TestRelay } from '../../../harness/relay.ts'
import { type Sshd, startSshd } from '../../../harness/sshd.ts'

let relay: TestRelay
let sshd: Sshd
let folder: ReturnType<typeof openFolder>
let browser: Browser
let tab: TabView

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay()
  ;({ browser, tab } = await openFiles(sshd, relay.url))
})

beforeEach(() => {
  folder = openFolder()
})

afterEach(() => folder.remove())

afterAll(async () => {
  await browser.close()
  await relay.close()
  await sshd.close()
})

const list = async (path: string) => {
  const files = []
  for await (const page of tab.sftp.list(path)) files.push(...page.files)
  return files
}

const large = 300 * 1024

/** A file of the account, as it would have made it. */
function owned(name: string, data: string | Uint8Array, mode = 0o644): string {
  const path = join(folder.path, name)
  writeFileSync(path, data)
  chmodSync(path, mode)
  return path
}

const upload = (...sources: Parameters<typeof given>[]) =>
  browser.app.transfers.upload(
    tab,
    folder.path,
    sources.map((source) => given(...source)),
  )

/** Answers the next question. */
async function answer(choice: Choice, forAll = false) {
  const conflict = await until(() => browser.app.transfers.conflict.value)
  conflict.answer(choice, forAll)
  return conflict
}

describe('S-XFR-01 files of every size', () => {
  const KiB = 1024
  const sizes = [0, 1, 32767, 32768, 32769, 255 * KiB - 1, 255 * KiB, 255 * KiB + 1, KiB * KiB + 1, 20 * KiB * KiB]
  const contents = sizes.map((size) => randomBytes(size))

  it('come there whole, with their time, and nothing is left beside them', async () => {
    const sources = contents.map((data) => given(`f${data.length}`, data))
    const id = await browser.app.transfers.upload(tab, folder.path, sources)
    expect(await isOver(browser, id)).toMatchObject({ state: 'done', files: sizes.length, filesDone: sizes.length })
    expect(folder.names()).toEqual(sizes.map((size) => `f${size}`).sort())
    for (const data of contents) {
      expect(sha256(folder.read(`f${data.length}`))).toBe(sha256(data))
      expect(statSync(join(folder.path, `f${data.length}`)).mtimeMs).toBe(1_700_000_000_000)
    }
  })

  it('come back whole', async () => {
    for (const data of contents) writeFileSync(join(folder.path, `f${data.length}`), data)
    const goal = new MemoryGoal()
    const id = await browser.app.transfers.download(tab, await list(folder.path), goal)
    expect(await isOver(browser, id)).toMatchObject({ state: 'done', files: sizes.length })
    expect(goal.closed).toBe(true)
    for (const data of contents) expect(sha256(goal.files.get(`f${data.length}`) as Buffer)).toBe(sha256(data))
  })
})

describe('folders', () => {
  it('go there with all that is in them, empty ones too, and come back the same', async () => {
    const small = randomBytes(5000)
    const big = randomBytes(large)
    const id = await browser.app.transfers.upload(tab, folder.path, [
      { path: ['tree'], kind: 'directory' },
      { path: ['tree', 'empty'], kind: 'directory' },
      given('tree/a/b/c/small', small),
      given('tree/a/big', big),
      given('tree/\u202egpj.exe', small),
    ])
    expect(await isOver(browser, id)).toMatchObject({ state: 'done', title: 'tree', files: 3 })
    expect(statSync(join(folder.path, 'tree/empty')).isDirectory()).toBe(true)
    expect(sha256(folder.read('tree/a/b/c/small'))).toBe(sha256(small))
    expect(sha256(folder.read('tree/a/big'))).toBe(sha256(big))
    symlinkSync('/', join(folder.path, 'tree/root'))
    const goal = new MemoryGoal('zip')
    const back = await browser.app.transfers.download(tab, await list(folder.path), goal)
    expect(await isOver(browser, back)).toMatchObject({ state: 'done', files: 4, skipped: 1 })
    expect([...goal.files.keys()].sort()).toEqual(['tree/a/b/c/small', 'tree/a/big', 'tree/\u202egpj.exe'])
    expect(sha256(goal.files.get('tree/a/big') as Buffer)).toBe(sha256(big))
    expect(goal.directories.sort()).toEqual(['tree', 'tree/a', 'tree/a/b', 'tree/a/b/c', 'tree/empty'])
  })

  it('say which of their files could not be done, and try those again', async () => {
    mkdirSync(join(folder.path, 'taken'))
    const id = await upload(['taken', randomBytes(10)], ['other', randomBytes(10)])
    const { state, failure, problems, filesDone } = await isOver(browser, id)
    expect({ state, code: failure?.code, filesDone }).toEqual({ state: 'failed', code: 'some-failed', filesDone: 1 })
    expect(problems).toMatchObject([{ path: 'taken', failure: { code: 'is-a-directory' } }])
    rmdirSync(join(folder.path, 'taken'))
    await browser.app.transfers.retry(id)
    expect(await isOver(browser, id)).toMatchObject({ state: 'done', filesDone: 2, problems: [] })
  })
})

describe('a file that is there already', () => {
  it.each([1000, large])('S-XFR-05 is replaced whole and keeps its permissions but setuid (%d bytes)', async (size) => {
    owned('f', 'old', 0o4751)
    const data = randomBytes(size)
    const id = await upload(['f', data])
    expect(await answer('replace')).toMatchObject({ path: join(folder.path, 'f'), there: { size: 3 }, ours: { size } })
    expect((await isOver(browser, id)).state).toBe('done')
    expect(sha256(folder.read('f'))).toBe(sha256(data))
    expect(statSync(join(folder.path, 'f')).mode & 0o7777).toBe(0o751)
    expect(folder.names()).toEqual(['f'])
  })

  it('is asked about once for all, and left, kept beside, or replaced where it is older', async () => {
    for (const name of ['a.txt', 'b.txt']) utimesSync(owned(name, 'old'), 1, 2_000_000_000)
    const both = await upload(['a.txt', randomBytes(9)], ['b.txt', randomBytes(large)])
    await answer('keep-both', true)
    expect((await isOver(browser, both)).state).toBe('done')
    expect(folder.names()).toEqual(['a (2).txt', 'a.txt', 'b (2).txt', 'b.txt'])
    const newer = await upload(['a.txt', randomBytes(9)], ['b.txt', randomBytes(large)])
    await answer('newer', true)
    expect(await isOver(browser, newer)).toMatchObject({ state: 'done', skipped: 2 })
    const skip = await upload(['a.txt', randomBytes(9)])
    await answer('skip')
    expect(await isOver(browser, skip)).toMatchObject({ state: 'done', skipped: 1 })
    expect(['a.txt', 'b.txt'].map((name) => folder.read(name).toString())).toEqual(['old', 'old'])
  })

  it('is gone on from where it is the beginning, and not where it is not', async () => {
    const data = randomBytes(3 * large)
    owned('good', data.subarray(0, large))
    owned('bad', randomBytes(large))
    const id = await upload(['good', data], ['bad', data])
    expect((await answer('resume', true)).choices).toContain('resume')
    expect((await isOver(browser, id)).problems).toMatchObject([
      { path: 'bad', failure: { code: 'not-its-beginning' } },
    ])
    expect(sha256(folder.read('good'))).toBe(sha256(data))
    expect(folder.read('bad').length).toBe(large)
  })

  it('S-XFR-05 is written through where it is a link, which stays one', async () => {
    mkdirSync(join(folder.path, 'real'))
    chmodSync(join(folder.path, 'real'), 0o777)
    owned('real/f', 'old')
    symlinkSync('real/f', join(folder.path, 'small'))
    symlinkSync('real/f', join(folder.path, 'big'))
    for (const [name, size] of [
      ['small', 100],
      ['big', large],
    ] as const) {
      const data = randomBytes(size)
      const id = await upload([name, data])
      await answer('replace')
      expect((await isOver(browser, id)).state).toBe('done')
      expect(sha256(folder.read('real/f'))).toBe(sha256(data))
      expect(readlinkSync(join(folder.path, name))).toBe('real/f')
    }
  })

  it('that has come there meanwhile is asked about before it is replaced', async () => {
    const data = randomBytes(4 * large)
    let writes = 0
    const ignore = beforeWrites(tab, () => {
      if (++writes === 3) owned('f', 'theirs')
    })
    const id = await upload(['f', data])
    expect(await answer('keep-both')).toMatchObject({ there: { size: 6 } })
    expect((await isOver(browser, id)).state).toBe('done')
    ignore()
    expect(folder.read('f').toString()).toBe('theirs')
    expect(sha256(folder.read('f (2)'))).toBe(sha256(data))
    expect(folder.names()).toEqual(['f', 'f (2)'])
  })
})

describe('what cannot be done says why, and loses nothing', () => {
  it('S-XFR-05 a directory that may not be written into', async () => {
    chmodSync(folder.path, 0o555)
    const id = await upload(['small', randomBytes(10)], ['big', randomBytes(large)])
    const { problems } = await isOver(browser, id)
    expect(problems.map(({ failure }) => failure.code)).toEqual(['permission-denied', 'permission-denied'])
    chmodSync(folder.path, 0o777)
    expect(folder.names()).toEqual([])
  })

  it('a file of this device that cannot be read any more', async () => {
    const source = {
      path: ['f'],
      kind: 'file',
      size: 9,
      file: () => Promise.reject(new Failed('source-unreadable')),
    } as const
    const id = await browser.app.transfers.upload(tab, folder.path, [source])
    expect((await isOver(browser, id)).problems).toMatchObject([{ failure: { code: 'source-unreadable' } }])
  })

  it('a name that no file can have', async () => {
    const id = await upload(['..', randomBytes(9)])
    expect((await isOver(browser, id)).problems).toMatchObject([{ failure: { code: 'bad-name' } }])
  })

  it('S-XFR-02 a file that is changed while it comes', async () => {
    const path = owned('log', randomBytes(4 * large))
    const goal = new MemoryGoal()
    let written = 0
    goal.gate = async () => {
      if (++written === 2) writeFileSync(path, 'x', { flag: 'a' })
    }
    const id = await browser.app.transfers.download(tab, await list(folder.path), goal)
    expect((await isOver(browser, id)).problems).toMatchObject([{ failure: { code: 'changed-meanwhile' } }])
    expect(goal.files.size).toBe(0)
  })

  it('S-XFR-02 a file that gets shorter while it comes', async () => {
    const path = owned('log', randomBytes(20 * large))
    const goal = new MemoryGoal('zip')
    let written = 0
    goal.gate = async () => {
      if (++written === 2) writeFileSync(path, randomBytes(large))
    }
    const id = await browser.app.transfers.download(tab, await list(folder.path), goal)
    const { problems } = await isOver(browser, id)
    expect(problems).toMatchObject([{ failure: { code: 'wrong-size', message: /^Got [\d,]+ of 6,144,000 bytes$/ } }])
    expect(goal.closed).toBe(false)
    expect(goal.failed).toBeDefined()
  })
})

describe('the person', () => {
  it('pauses, and goes on from there, both ways', async () => {
    const data = randomBytes(40 * large)
    const { letThrough } = holdWrites(tab, 2_000_000)
    const id = await upload(['f', data])
    await until(() => (browser.app.transfers.items.value.find((item) => item.id === id)?.bytes ?? 0) > 1_000_000)
    await browser.app.transfers.pause(id)
    expect(await stands(browser, id, 'paused')).toMatchObject({ rate: 0 })
    expect(folder.names()).toHaveLength(1)
    const [part = ''] = folder.names()
    expect(part).toMatch(/^\.f\.[0-9a-f]{12}0\.part$/)
    expect(statSync(join(folder.path, part)).mode & 0o777).toBe(0o600)
    const { ino } = statSync(join(folder.path, part))
    letThrough(data.length)
    await browser.app.transfers.resume(id)
    expect((await isOver(browser, id)).state).toBe('done')
    expect(statSync(join(folder.path, 'f')).ino).toBe(ino)
    expect(sha256(folder.read('f'))).toBe(sha256(data))

    const goal = new MemoryGoal('stream')
    let open: () => void = () => undefined
    let writes = 0
    goal.gate = async () => {
      if (++writes === 5) await new Promise<void>((resolve) => (open = resolve))
    }
    const back = await browser.app.transfers.download(tab, await list(folder.path), goal)
    await until(() => (browser.app.transfers.items.value.find((item) => item.id === back)?.bytes ?? 0) > 500_000)
    await browser.app.transfers.pause(back)
    open()
    await browser.app.transfers.resume(back)
    expect((await isOver(browser, back)).state).toBe('done')
    expect(sha256(goal.files.get('f') as Buffer)).toBe(sha256(data))
  })

  it('S-XFR-06 cancels, and nothing is left', async () => {
    owned('f', 'old')
    const { letThrough } = holdWrites(tab, 2_000_000)
    const id = await upload(['f', randomBytes(60 * large)])
    await answer('replace')
    await until(() => (browser.app.transfers.items.value.find((item) => item.id === id)?.bytes ?? 0) > 1_000_000)
    await browser.app.transfers.cancel(id)
    expect((await isOver(browser, id)).state).toBe('cancelled')
    letThrough(60 * large)
    expect(folder.names()).toEqual(['f'])
    expect(folder.read('f').toString()).toBe('old')
    await browser.app.transfers.clearFinished()
    expect(browser.app.transfers.items.value.find((item) => item.id === id)).toBeUndefined()
  })

  it('S-XFR-06 cancels a download in the list of the browser', async () => {
    owned('f', randomBytes(40 * large))
    const goal = new MemoryGoal('stream')
    let open: () => void = () => undefined
    goal.gate = () => new Promise<void>((resolve) => (open = resolve))
    const id = await browser.app.transfers.download(tab, await list(folder.path), goal)
    await expect.poll(() => goal.held).toBeGreaterThan(0)
    goal.end(new Failed('transfer-cancelled'))
    open()
    expect(await isOver(browser, id)).toMatchObject({ state: 'cancelled' })
    await expect.poll(() => goal.failed).toBeDefined()
  })
})

it('S-XFR-07 a slow sink holds back the host: at most 4 MiB are asked for and not taken', async () => {
  owned('f', randomBytes(100 * large))
  const goal = new MemoryGoal()
  const ask = tab.sftp.ask.bind(tab.sftp)
  let asked = 0
  tab.sftp.ask = (event, message) => {
    if (event === 'sftp-read') asked += (message as unknown as { length: number }).length
    return ask(event, message)
  }
  let open: () => void = () => undefined
  goal.gate = () => new Promise<void>((resolve) => (open = resolve))
  const id = await browser.app.transfers.download(tab, await list(folder.path), goal)
  await expect.poll(() => goal.held).toBeGreaterThan(0)
  const ahead: number[] = []
  for (let at = 0; at < 20; at++) {
    await tab.sftp.ask('sftp-stat', { path: '/' })
    ahead.push(asked - goal.taken)
    open()
  }
  tab.sftp.ask = ask
  expect(Math.max(...ahead)).toBeLessThanOrEqual(4 * 1024 * 1024)
  expect(Math.max(...ahead)).toBeGreaterThan(2 * 1024 * 1024)
  goal.gate = async () => undefined
  open()
  expect((await isOver(browser, id)).state).toBe('done')
})

describe('on one host', () => {
  it('a tree is copied, links as links, with modes and times', async () => {
    mkdirSync(join(folder.path, 'from/sub'), { recursive: true })
    const big = randomBytes(30 * large)
    utimesSync(owned('from/sub/big', big, 0o604), 5, 1_600_000_000)
    owned('from/small', 'small', 0o755)
    symlinkSync('sub/big', join(folder.path, 'from/link'))
    mkdirSync(join(folder.path, 'to'))
    chmodSync(join(folder.path, 'to'), 0o777)
    const [from] = (await list(folder.path)).filter(({ name }) => name === 'from')
    const id = await browser.app.transfers.copy(tab, from ? [from] : [], tab, join(folder.path, 'to'))
    expect((await isOver(browser, id)).state).toBe('done')
    expect(sha256(folder.read('to/from/sub/big'))).toBe(sha256(big))
    const { mode, mtimeMs } = statSync(join(folder.path, 'to/from/sub/big'))
    expect([mode & 0o777, mtimeMs]).toEqual([0o604, 1_600_000_000_000])
    expect(statSync(join(folder.path, 'to/from/small')).mode & 0o777).toBe(0o755)
    expect(readlinkSync(join(folder.path, 'to/from/link'))).toBe('sub/big')
  })

  it('a tree is moved by its name alone', async () => {
    mkdirSync(join(folder.path, 'from/sub'), { recursive: true })
    mkdirSync(join(folder.path, 'to'))
    for (const name of ['', 'from', 'to']) chmodSync(join(folder.path, name), 0o777)
    owned('from/sub/f', randomBytes(large))
    const { ino } = statSync(join(folder.path, 'from/sub/f'))
    const [from] = (await list(folder.path)).filter(({ name }) => name === 'from')
    const id = await browser.app.transfers.copy(tab, from ? [from] : [], tab, join(folder.path, 'to'), 'move')
    expect((await isOver(browser, id)).state).toBe('done')
    expect(statSync(join(folder.path, 'to/from/sub/f')).ino).toBe(ino)
    expect(existsSync(join(folder.path, 'from'))).toBe(false)
  })
})

it('with its hash compared, a file that has come wrong is not taken', async () => {
  await browser.app.settings.set({ verifyTransfers: 'hash' })
  const data = randomBytes(4 * large)
  const good = await upload(['good', data])
  expect((await isOver(browser, good)).state).toBe('done')
  expect(sha256(readFileSync(join(folder.path, 'good')))).toBe(sha256(data))
  const file = new File([data], 'bad', { lastModified: 1 })
  let reads = 0
  const slice = file.slice.bind(file)
  // A disk that gives other bytes the second time.
  file.slice = (...range) => (++reads === 1 ? new Blob([randomBytes(slice(...range).size)]) : slice(...range))
  const source = { path: ['bad'], kind: 'file', file: async () => file, size: data.length, modifiedAt: 1 } as const
  const bad = await browser.app.transfers.upload(tab, folder.path, [source])
  expect((await isOver(browser, bad)).problems).toMatchObject([{ failure: { code: 'wrong-content' } }])
  expect(folder.names()).toEqual(['good'])
  await browser.app.settings.set({ verifyTransfers: 'size' })
})
