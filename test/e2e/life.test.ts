import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { type Chromium, startChromium } from '../harness/chromium.ts'
import { canaries } from '../harness/relay.ts'
import { type RelayProcess, spawnRelay } from '../harness/relayProcess.ts'
import { freePort, type Sshd, startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))

let sshd: Sshd
let state: string
let browser: Chromium
let relay: RelayProcess
let flags: string[]

beforeAll(async () => {
  sshd = await startSshd()
})

afterAll(() => sshd?.close())

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'fairlead-life-'))
  // Without the compressed copies, which would not follow a change of the original.
  await cp(dist, join(state, 'app'), { recursive: true, filter: (path) => !/\.(br|gz)$/.test(path) })
  flags = ['--host', '--state', state, '--app', join(state, 'app'), '--port', String(await freePort())]
  relay = await spawnRelay(canaries.password, ...flags)
  browser = await startChromium({ workers: true })
})

afterEach(async ({ task }) => {
  const page = browser.context.pages().at(-1)
  if (task.result?.state === 'fail') await page?.screenshot({ path: `test/output/${task.name.slice(0, 40)}.png` })
  await browser.close()
  await relay.kill('SIGKILL')
  await rm(state, { recursive: true, force: true })
})

test('N-KIL-01 a relay that is killed is said to be gone; what follows is a new shell, and is said to be one', async () => {
  const app = new AppPage(await browser.open(relay.launchUrl))
  await app.page.getByRole('button', { name: 'This machine' }).waitFor()
  await app.openShell(sshd)
  await app.sh('kept=yes; echo last-words')
  await relay.kill('SIGKILL')
  await app.page.getByText('Reconnecting to relay').waitFor()
  await app.waitFor(/^last-words/)

  relay = await spawnRelay(canaries.password, ...flags)
  // Logins live in the relay's memory and have gone with it.
  await app.page.getByText('This relay wants its password').locator('visible=true').first().waitFor()
  await app.runCommand('Log in to the relay')
  const dialog = app.page.getByRole('dialog', { name: /^Log in to relay/ })
  await dialog.getByLabel('Password').fill(canaries.password)
  await dialog.getByRole('button', { name: 'Log in' }).click()
  await app.page.getByText('The relay was restarted').waitFor()
  await app.waitFor(/^last-words/)
  await app.page.getByRole('button', { name: /Open a new shell/ }).click()
  await app.logIn(sshd.password)
  await app.waitFor('New shell')
  await app.sh('echo kept=$kept.')
  await app.waitFor(/^kept=\./)
})

test('C-SW-01 the app starts without its relay, and takes a new version when a person says so', async () => {
  const page = await browser.open(relay.launchUrl)
  await page.getByRole('button', { name: 'This machine' }).waitFor()
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.reload()
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await relay.kill('SIGKILL')
  await page.reload()
  await page.getByRole('heading', { name: 'Where to?' }).waitFor()
  await page.getByText('The relay does not answer').first().waitFor()

  await appendFile(join(state, 'app/sw.js'), '\n// a newer version\n')
  relay = await spawnRelay(canaries.password, ...flags)
  await page.reload()
  await page.getByText('A new version is ready').waitFor()
  const other = await browser.open(relay.launchUrl)
  for (const window of [page, other]) {
    await window.evaluate(() => Object.assign(globalThis, { old: true }))
    expect(await window.evaluate(() => 'old' in globalThis)).toBe(true)
  }
  // The window that took it and the one that comes along later.
  for (const window of [page, other]) {
    await window.getByRole('button', { name: 'Update' }).click()
    await window.waitForFunction(() => !('old' in globalThis))
    await window.getByRole('heading', { name: 'Where to?' }).waitFor()
    expect(await window.getByText('A new version is ready').count()).toBe(0)
  }
})
