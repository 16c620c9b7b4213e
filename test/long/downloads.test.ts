import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ZipGoal } from '../../pwa/model/out/zipGoal.ts'
import { AppPage } from '../harness/app.ts'
import { type Chromium, startChromium } from '../harness/chromium.ts'
import { memoryOutlets } from '../harness/memoryOutlet.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))
const mebibyte = 1024 * 1024
/** How long browsers let a worker be that hears nothing, and some more. */
const beyondIdle = 45_000

let relay: TestRelay
let sshd: Sshd
let browser: Chromium
let app: AppPage
let remote: string

beforeAll(async () => {
  ;[relay, sshd, browser] = await Promise.all([
    startTestRelay({ app: dist }),
    startSshd(),
    startChromium({ workers: true }),
  ])
  remote = join(sshd.home, `downloads-${process.pid}`)
  await rm(remote, { recursive: true, force: true })
  await mkdir(remote)
  await writeFile(join(remote, '200 MiB'), '')
  await truncate(join(remote, '200 MiB'), 200 * mebibyte)
  await writeFile(join(remote, 'huge'), '')
  await truncate(join(remote, 'huge'), 512 * mebibyte)
  app = new AppPage(await browser.open(relay.url))
  await app.input.waitFor()
  await app.page.evaluate(() => navigator.serviceWorker.ready)
  await app.openShell(sshd)
  await app.openFiles(remote)
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await Promise.all([relay?.close(), sshd?.close()])
  if (remote) await rm(remote, { recursive: true, force: true })
})

/** Bytes of this machine's memory that the browser's renderers, the worker's too, have for themselves. */
async function renderers(): Promise<number> {
  const cdp = await app.page.context().browser()?.newBrowserCDPSession()
  const { processInfo = [] } = (await cdp?.send('SystemInfo.getProcessInfo')) ?? {}
  const own = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(async ({ id }) => /^RssAnon:\s+(\d+)/m.exec(await readFile(`/proc/${id}/status`, 'utf8'))?.[1]),
  )
  await cdp?.detach()
  return own.reduce((sum, kib) => sum + Number(kib ?? 0) * 1024, 0)
}

async function begin(name: string) {
  await app.page.locator('.files-pane [role=row]', { hasText: name }).click()
  const [download] = await Promise.all([app.page.waitForEvent('download'), app.page.keyboard.press('Control+s')])
  return download
}

test('S-XFR-07 a page that downloads 200 MiB through the worker needs no more memory for it', async () => {
  // What the first of all needs is code.
  await (await begin('200 MiB')).path()
  const before = await renderers()
  const download = await begin('200 MiB')
  let most = before
  let going = true
  const path = download.path().finally(() => {
    going = false
  })
  while (going) most = Math.max(most, await renderers())
  expect((await stat(await path)).size).toBe(200 * mebibyte)
  expect(most - before).toBeLessThan(96 * mebibyte)
})

test('a download that is paused for longer than a worker lives without a word goes on', async () => {
  await app.runCommand('Show the transfers')
  const download = await begin('huge')
  await app.page.getByRole('button', { name: /^Pause.*huge/ }).click()
  await app.page.locator('.transfer.paused').waitFor()
  // Nothing tells a page that its worker would have been stopped by now.
  await new Promise((resolve) => setTimeout(resolve, beyondIdle))
  await app.page.getByRole('button', { name: /^Resume.*huge/ }).click()
  expect((await stat(await download.path())).size).toBe(512 * mebibyte)
})

test('S-NAM-03 a zip of more than 65,535 entries says how many they are', async () => {
  const { open, left } = memoryOutlets()
  const goal = new ZipGoal('a.zip', open)
  for (let at = 0; at < 66_000; at++) await goal.directory([String(at)], 0)
  await goal.close()
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-zip-'))
  const file = join(directory, 'many.zip')
  await writeFile(file, left[0]?.bytes() ?? '')
  expect(execFileSync('unzip', ['-tq', file], { maxBuffer: 1 << 24 }).toString()).toContain('No errors detected')
  expect(execFileSync('unzip', ['-Z', '-t', file]).toString()).toContain('66000 files')
  await rm(directory, { recursive: true })
})
