import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { type ChromiumExtension, startChromiumExtension } from '../harness/chromium.ts'
import { canaries, startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

let relay: TestRelay
let sshd: Sshd
let browser: ChromiumExtension

beforeAll(async () => {
  ;[relay, sshd, browser] = await Promise.all([
    startTestRelay({}, { password: canaries.password }),
    startSshd(),
    startChromiumExtension(),
  ])
})

afterAll(() => Promise.all([browser?.close(), relay?.close(), sshd?.close()]))

test('the extension reaches a relay of another origin by its password, and works in a shell and its files', async () => {
  const app = new AppPage(await browser.open(`${browser.origin}/app.html`))
  await app.addRelay(relay.url, canaries.password)
  await app.openShell(sshd)
  await app.sh('export LC_ALL=C.UTF-8')
  await app.sh("printf '\\033[31mred\\033[0m 日本語 👩‍👩‍👧\\n'")
  await app.waitFor(/^red 日本語 👩‍👩‍👧/)
  await app.openFiles('/etc/ssh')
  await app.page.getByText('sshd_config', { exact: true }).waitFor()
  // While its connection is there, another shell would need no login.
  await app.runCommand('Close tab')
  await app.goTo(`${sshd.username}@127.0.0.1:${sshd.port}`)
  await app.logInWithKey(sshd.privateKey)
  await app.waitFor('$')
  await app.sh('true')
  await app.page.screenshot({ path: 'test/output/extension.png' })
  expect(browser.errors).toEqual([])
})

test('a file is an ordinary download, through the worker of the extension', async () => {
  const [page] = browser.context.pages().filter((one) => one.url().endsWith('/app.html'))
  if (!page) throw new Error('the page of the test before is gone')
  const app = new AppPage(page)
  await app.openFiles('/etc/ssh')
  await page.locator('.files-pane [role=row]', { hasText: 'moduli' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+s')])
  expect(download.suggestedFilename()).toBe('moduli')
  expect(await readFile(await download.path())).toEqual(await readFile('/etc/ssh/moduli'))
  await app.runCommand('Hide files')
  expect(browser.errors).toEqual([])
})

test('the side panel is the same app: it takes the session when it shows it, and the page says so', async () => {
  const panel = new AppPage(await browser.open(`${browser.origin}/sidepanel.html`))
  await panel.input.waitFor()
  await panel.page.getByRole('tab').first().click()
  await panel.page.setViewportSize({ width: 400, height: 800 })
  await panel.waitFor(/^done-/)
  await panel.sh('echo in-the-panel')
  const [page] = browser.context.pages().filter((one) => one.url().endsWith('/app.html'))
  await page?.getByText('Another window has this session').locator('visible=true').first().waitFor()
  await panel.page.close()
})

test('the command opens the real side panel, beside whatever page is shown', async () => {
  const app = new AppPage(await browser.open(`${browser.origin}/app.html`))
  const worker = browser.context.serviceWorkers()[0]
  const panels = () =>
    worker?.evaluate('chrome.runtime.getContexts({ contextTypes: ["SIDE_PANEL"] }).then((found) => found.length)')
  expect(await panels()).toBe(0)
  await app.runCommand('Open in the side panel')
  await expect.poll(panels).toBe(1)
  await app.page.close()
})

test('T-LNK-02 an address of the extension only pre-fills', async () => {
  const sessions = relay.dispatch.counts().sessions
  const app = new AppPage(
    await browser.open(`${browser.origin}/app.html#target=${encodeURIComponent('me@evil.example')}`),
  )
  await expect.poll(() => app.input.inputValue()).toBe('me@evil.example')
  expect(app.page.url()).toBe(`${browser.origin}/app.html`)
  expect(relay.dispatch.counts().sessions).toBeLessThanOrEqual(sessions)
  await app.page.close()
})

test('the toolbar button shows the page that is open, and opens one where none is', async () => {
  const worker = browser.context.serviceWorkers()[0]
  const pages = () => browser.context.pages().filter((page) => page.url().endsWith('/app.html'))
  // What the browser calls when the button is pressed, which cannot be pressed without a head.
  const press = () => worker?.evaluate('chrome.action.onClicked.dispatch({ id: 0 })')
  const before = pages().length
  expect(before).toBeGreaterThan(0)
  await press()
  await expect
    .poll(() =>
      pages()
        .at(-1)
        ?.evaluate(() => document.visibilityState),
    )
    .toBe('visible')
  expect(pages()).toHaveLength(before)
  for (const page of pages()) await page.close()
  await press()
  await expect.poll(() => pages().length).toBe(1)
})

test('E-EXT-02 the worker is stopped again and again, and no session lives in it', async () => {
  const app = new AppPage(await browser.open(`${browser.origin}/app.html`))
  await app.page.getByRole('tab').first().click()
  await app.waitFor(/^done-/)
  const cdp = await browser.context.newCDPSession(app.page)
  const running = new Map<string, string>()
  cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    for (const { versionId, runningStatus } of versions) running.set(versionId, runningStatus)
  })
  await cdp.send('ServiceWorker.enable')
  for (let times = 0; times < 3; times++) {
    await cdp.send('ServiceWorker.startWorker', { scopeURL: `${browser.origin}/` })
    await expect.poll(() => [...running.values()]).toContain('running')
    await cdp.send('ServiceWorker.stopAllWorkers')
    await expect.poll(() => [...running.values()]).not.toContain('running')
    await app.sh('true')
  }
  await app.page.close()
})
