import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Browser, openBrowser, until } from '../../../harness/browser.ts'
import { given, holdWrites, isOver, logIn, openFiles, openFolder, sha256, stands } from '../../../harness/moving.ts'
import { startTestRelay, type TestRelay } from '../../../harness/relay.ts'
import { type Sshd, startSshd } from '../../../harness/sshd.ts'
import { WebLocks } from '../../../harness/webLocks.ts'

let sshd: Sshd
let relay: TestRelay

beforeAll(async () => {
  vi.stubGlobal('navigator', { locks: new WebLocks() })
  sshd = await startSshd()
  relay = await startTestRelay()
})

afterAll(async () => {
  vi.unstubAllGlobals()
  await relay.close()
  await sshd.close()
})

const bytesOf = (browser: Browser, id: string) =>
  browser.app.transfers.items.value.find((one) => one.id === id)?.bytes ?? 0

it('one window runs a transfer, another sees and steers it, and has it when the first is gone', async () => {
  const folder = openFolder()
  const name = randomUUID()
  const { browser: first, tab } = await openFiles(sshd, relay.url, { name, window: { id: 'one', alone: true } })
  const second = await openBrowser(name, { relay: relay.url, window: { id: 'two', alone: false } })
  await second.online()
  const data = randomBytes(20 * 1024 * 1024)
  const { letThrough } = holdWrites(tab, data.length / 4)
  const id = await first.app.transfers.upload(tab, folder.path, [given('f', data)])
  await until(() => bytesOf(second, id) > 0)
  expect(await stands(second, id, 'running')).toMatchObject({ title: 'f', files: 1, total: data.length })
  await second.app.transfers.pause(id)
  await stands(first, id, 'paused')
  await stands(second, id, 'paused')
  await second.app.transfers.resume(id)
  await stands(first, id, 'running')
  letThrough(data.length / 2)
  await until(() => bytesOf(first, id) > data.length / 3)
  await first.close()
  expect(await stands(second, id, 'needs-file')).toMatchObject({ source: 'person' })
  const [mine] = second.app.tabs.tabs.value
  if (mine) await logIn(second, mine, sshd)
  await second.app.transfers.needsFile(id, [given('f', data)])
  expect((await isOver(second, id)).state).toBe('done')
  expect(sha256(folder.read('f'))).toBe(sha256(data))
  expect(folder.names()).toEqual(['f'])
  await second.close()
  folder.remove()
})
