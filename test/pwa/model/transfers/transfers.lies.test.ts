import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { TabView } from '../../../../pwa/model/tabs.ts'
import type { TransferView } from '../../../../pwa/model/transfers/transferView.ts'
import { packetType as sftp } from '../../../../relay/sftp/packet.ts'
import { type Browser, until } from '../../../harness/browser.ts'
import { type LyingSftp, lies, type SftpLie, startLyingSftp, status } from '../../../harness/lyingSftp.ts'
import { answering, given, isOver, MemoryGoal, noise, openFiles, stands } from '../../../harness/moving.ts'
import { startTestRelay, type TestRelay } from '../../../harness/relay.ts'
import type { Sshd } from '../../../harness/sshd.ts'

/** Beyond what goes in one event. */
const large = noise(700_000)
const small = noise(100_000, 2)

let liar: LyingSftp
let relay: TestRelay
let browser: Browser
let tab: TabView

beforeAll(async () => {
  liar = await startLyingSftp({ '/large': large, '/small': small })
  relay = await startTestRelay()
  // It is asked for nothing but where it is and how to log in.
  ;({ browser, tab } = await openFiles(liar as unknown as Sshd, relay.url))
})
afterEach(() => {
  liar.lie = () => undefined
  liar.files.set('/large', large)
})
afterAll(async () => {
  await browser.close()
  await relay.close()
  await liar.close()
})

/** Downloads a file from a liar that has begun to lie when it was listed. */
async function download(name: string, lie: SftpLie): Promise<{ item: TransferView; goal: MemoryGoal }> {
  const files = []
  for await (const page of tab.sftp.list('/')) files.push(...page.files)
  const goal = new MemoryGoal()
  liar.lie = lie
  const id = await browser.app.transfers.download(
    tab,
    files.filter((file) => file.name === name),
    goal,
  )
  return { item: await isOver(browser, id), goal }
}

const said = ({ failure, problems }: TransferView) =>
  [failure?.message, ...problems.map((problem) => problem.failure.message)].join('; ')

test('S-XFR-02 short reads are asked again, and the file comes whole', async () => {
  const { item, goal } = await download('large', lies.shortReads(33_333))
  expect(item.state).toBe('done')
  expect(goal.files.get('large')?.equals(large)).toBe(true)
})

test.each([
  ['ends early', 'large', lies.earlyEof(500_000), /Got 500,000 of 700,000 bytes/],
  ['ends early, a small one,', 'small', lies.earlyEof(60_000), /60000 of 100000 bytes/],
  ['gives nothing and has no end', 'large', lies.emptyData(), /Got 0 of 700,000 bytes/],
])('S-XFR-02 a file that %s is no success, and leaves nothing that looks like one', async (_, name, lie, words) => {
  const { item, goal } = await download(name, lie)
  expect(item.state).toBe('failed')
  expect(said(item)).toMatch(words)
  expect(goal.files.size).toBe(0)
})

test.each([
  ['shrinks', 300_000],
  ['grows', 900_000],
])('S-XFR-02 a file that %s as it is read is read anew, and nothing of the old one is in it', async (_, size) => {
  const { item, goal } = await download('large', lies.sizeChanges(3, size))
  expect(item.state).toBe('done')
  expect(goal.files.get('large')?.equals(Buffer.alloc(size, 'x'))).toBe(true)
})

test('S-XFR-02 a file that never stays the same is given up', async () => {
  let size = large.length
  const { item, goal } = await download('large', (request, truth, wire) => {
    if (request.type !== sftp.fstat) return undefined
    size += 1
    return lies.sizeChanges(0, size)(request, truth, wire)
  })
  expect(item.state).toBe('failed')
  expect(said(item)).toMatch(/changed/)
  expect(goal.files.size).toBe(0)
})

test('S-XFR-02 an upload of which bytes are lost on the way is no success, and what was there stays', async () => {
  let writes = 0
  liar.lie = (request, truth) => {
    if (request.type !== sftp.write) return undefined
    writes += 1
    // The end is said to be written, and is not.
    for (const [path, content] of liar.files)
      if (path.endsWith('.part') && content.length === 100_000) liar.files.set(path, content.subarray(0, 99_000))
    return [truth]
  }
  const id = await browser.app.transfers.upload(tab, '/', [given('new', noise(100_000, 3))])
  const item = await isOver(browser, id)
  expect(writes).toBeGreaterThan(0)
  expect(item.state).toBe('failed')
  expect(said(item)).toMatch(/99000 of 100000 bytes/)
  expect([...liar.files.keys()].sort()).toEqual(['/large', '/small'])
})

test('S-XFR-03 what a put has left that was cut off is removed when the file is there', async () => {
  let silent = 0
  liar.lie = (request) => (request.type === sftp.write && silent++ === 0 ? [] : undefined)
  const id = await browser.app.transfers.upload(tab, '/', [given('cut', noise(5_000, 4))])
  await expect.poll(() => silent).toBe(1)
  expect([...liar.files.keys()].filter((path) => path.endsWith('.part'))).toHaveLength(1)
  tab.sftp.close()
  const item = await answering(browser, liar as unknown as Sshd, isOver(browser, id))
  expect(item.state).toBe('done')
  expect([...liar.files.keys()].sort()).toEqual(['/cut', '/large', '/small'])
  liar.files.delete('/cut')
})

test('S-XFR-03 what a put has left that was cut off is removed when the transfer is cancelled', async () => {
  let silent = 0
  liar.lie = (request) => (request.type === sftp.write && silent++ === 0 ? [] : undefined)
  const id = await browser.app.transfers.upload(tab, '/', [given('cut', noise(5_000, 4))])
  await expect.poll(() => silent).toBe(1)
  const cancelling = browser.app.transfers.cancel(id)
  await stands(browser, id, 'cancelled')
  tab.sftp.close()
  await answering(browser, liar as unknown as Sshd, cancelling)
  expect([...liar.files.keys()].sort()).toEqual(['/large', '/small'])
})

test('S-XFR-05 without posix-rename the old file is put aside, and back where the new one cannot take its place', async () => {
  const old = noise(1_000, 5)
  const plain = await startLyingSftp({ '/there': old }, undefined, {})
  const opened = await openFiles(plain as unknown as Sshd, relay.url)
  const { transfers } = opened.browser.app
  const replace = async (data: Buffer) => {
    const id = await transfers.upload(opened.tab, '/', [given('there', data)])
    const conflict = await until(() => transfers.conflict.value)
    conflict.answer('replace', false)
    return isOver(opened.browser, id)
  }
  let renames = 0
  // The first puts the old one aside, the second is the new one's.
  plain.lie = (request) =>
    request.type === sftp.rename && ++renames === 2 ? [status(request.id, 3, 'Permission denied')] : undefined
  const failed = await replace(noise(700_000, 6))
  expect(said(failed)).toMatch(/ermission/)
  expect(plain.files.get('/there')?.equals(old)).toBe(true)
  plain.lie = () => undefined
  const fresh = noise(700_000, 7)
  expect((await replace(fresh)).state).toBe('done')
  expect(plain.files.get('/there')?.equals(fresh)).toBe(true)
  await opened.browser.close()
  await plain.close()
})
