import { mkdir, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { type Chromium, ofTheApp, startChromium } from '../harness/chromium.ts'
import { canaries, startTestRelay, type TestRelay } from '../harness/relay.ts'
import { freePort, type Sshd, startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))

let relay: TestRelay
let sshd: Sshd
let browser: Chromium
let app: AppPage
const alsoClose: { close(): Promise<void> }[] = []

beforeAll(async () => {
  ;[relay, sshd] = await Promise.all([
    startTestRelay({ app: dist, host: true }, { password: canaries.password }),
    startSshd(),
  ])
})

afterAll(() => Promise.all([relay?.close(), sshd?.close()]))

/** A browser that has never seen the app, logged in to the relay by the launch URL. */
async function begin(): Promise<void> {
  browser = await startChromium()
  app = new AppPage(await browser.open(relay.launchUrl))
  await app.page.getByRole('button', { name: 'This machine' }).waitFor()
}

afterEach(async ({ task }) => {
  const { errors } = browser
  if (task.result?.state === 'fail') await app.page.screenshot({ path: `test/output/${task.name.slice(0, 40)}.png` })
  await browser.close()
  for (const one of alsoClose.splice(0)) await one.close()
  expect(errors).toEqual([])
})

test('a person logs in by password, types, resizes, and sees colours and emoji', async () => {
  await begin()
  expect(app.page.url()).not.toContain('token')
  await app.openShell(sshd)

  await app.sh('export LC_ALL=C.UTF-8')
  await app.sh(String.raw`printf '\033[31mred\033[0m \033[38;2;1;90;3mtrue\033[0m 日本語 👩‍👩‍👧 é ok\n'`)
  expect(await app.waitFor(/^red true/)).toContain('red true 日本語 👩‍👩‍👧 é ok')
  const colour = (text: string) =>
    app.page
      .locator('.xterm-rows span', { hasText: new RegExp(`^${text}$`) })
      .last()
      .evaluate((span) => getComputedStyle(span).color)
  const [, red = 0, green = 0] = (/rgb\((\d+), (\d+), (\d+)\)/.exec(await colour('red')) ?? []).map(Number)
  expect(red).toBeGreaterThan(green + 50)
  await expect.poll(() => colour('true')).toBe('rgb(1, 90, 3)')

  const size = async () => {
    await app.sh('clear; echo size-$(stty size)')
    return (await app.waitFor(/^size-\d/)).replace('size-', '').trim().split(' ').map(Number)
  }
  const [rows = 0, columns = 0] = await size()
  await app.page.setViewportSize({ width: 800, height: 500 })
  await app.page.waitForFunction((before) => document.querySelectorAll('.xterm-rows > div').length < before, rows)
  const [lessRows = 0, lessColumns = 0] = await size()
  expect(lessRows).toBeLessThan(rows)
  expect(lessColumns).toBeLessThan(columns)
})

test('keys that a shell needs reach it', async () => {
  await begin()
  await app.openShell(sshd)
  await app.type("stty raw -echo; echo rea''dy; head -c 7 | od -An -tx1; stty sane\n")
  await app.waitFor(/^ready/)
  for (const key of ['k', 'w', 'r', 'a', 'p', 'l', 'd']) await app.page.keyboard.press(`Control+${key}`)
  expect(await app.waitFor(/0b 17 12/)).toContain('0b 17 12 01 10 0c 04')
  await app.page.keyboard.press('Control+Shift+P')
  await app.page.getByRole('combobox').waitFor()
  // And text that comes from no key, as an emoji panel's, after one that was let go of elsewhere.
  await app.page.keyboard.press('Escape')
  await app.page.locator('.palette').waitFor({ state: 'detached' })
  await app.page.keyboard.insertText('echo pan""el')
  await app.page.keyboard.press('Enter')
  await app.waitFor(/^panel/)
})

test('what is typed before the palette is there is for it, and not for the shell', async () => {
  browser = await startChromium()
  let come = () => {}
  const held = new Promise<void>((resolve) => {
    come = resolve
  })
  await browser.context.route(/\/Palette-[^/]*\.js$/, async (route) => {
    await held
    await route.continue()
  })
  app = new AppPage(await browser.open(relay.launchUrl))
  const { keyboard } = app.page
  await app.page.getByRole('button', { name: 'This machine' }).click()
  await app.sh('true')
  await keyboard.press('Control+Shift+P')
  await keyboard.type('given up')
  // Asked for twice, it is given up as well.
  await keyboard.press('Control+Shift+P')
  await keyboard.press('Escape')
  await app.sh('true')
  await keyboard.press('Control+Shift+P')
  await keyboard.type('keyx')
  await keyboard.press('Backspace')
  await keyboard.type('board')
  come()
  await expect.poll(() => app.page.getByRole('combobox').inputValue()).toBe('keyboard')
  await keyboard.press('Escape')
  await app.sh('true')
  expect((await app.lines()).join('\n')).not.toMatch(/given up|key/)
})

test('a part of the app that does not come is asked for again, and meanwhile said to be missing', async () => {
  browser = await startChromium()
  let lost: string | undefined = 'TabPanel'
  await browser.context.route(/\/assets\/[^/]*\.(js|css)$/, (route) =>
    lost && route.request().url().includes(`/${lost}-`) ? route.abort() : route.continue(),
  )
  app = new AppPage(await browser.open(relay.launchUrl))
  const { page } = app
  const missing = page.getByText('A part of the app could not be loaded')
  await page.getByRole('button', { name: 'This machine' }).click()
  await missing.waitFor()
  lost = undefined
  // By itself, since it is to be shown.
  await app.sh('true')
  lost = 'Palette'
  await page.reload()
  await app.sh('true')
  await page.keyboard.press('Control+Shift+P')
  // Given up with these words.
  await missing.waitFor()
  await page.keyboard.type('echo se""en\n')
  await app.waitFor(/^seen/)
  lost = undefined
  await page.keyboard.press('Control+Shift+P')
  await page.locator('.palette').waitFor()
  expect(await page.getByRole('combobox').inputValue()).toBe('')
  // With its styles.
  await expect.poll(() => page.locator('.palette').evaluate((one) => getComputedStyle(one).width)).toBe('640px')
  await page.keyboard.press('Escape')
  await app.sh('true')
  expect(ofTheApp(browser.errors.splice(0))).toEqual([])
})

test('a person logs in with a key file, and with one that has a passphrase', async () => {
  await begin()
  await app.goTo(`ssh://${sshd.username}@127.0.0.1:${sshd.port}`)
  await app.trust()
  await app.logInWithKey(sshd.privateKey)
  await app.waitFor('$')
  // While its connection is there, another shell would need no login.
  await app.runCommand('Close tab')
  await app.goTo(`${sshd.username}@127.0.0.1:${sshd.port}`)
  await app.logInWithKey(sshd.encryptedKey, sshd.passphrase)
  await app.waitFor('$')
  await app.sh('true')
})

test('a directory of 10,000 is listed beside the shell, without a second login', async () => {
  const many = `${sshd.home}/many`
  await rm(many, { recursive: true, force: true })
  await mkdir(many)
  const names = Array.from({ length: 10_000 }, (_, number) => `file-${String(number).padStart(5, '0')}`)
  await Promise.all(names.map((name) => writeFile(`${many}/${name}`, '')))
  await begin()
  await app.openShell(sshd)
  await app.openFiles(many)
  await app.page.getByText('file-00000').waitFor()
  const grid = app.page.getByRole('grid', { name: 'Files' })
  await app.page.locator('[role=grid][aria-rowcount="10001"]').waitFor()
  expect(await grid.getByRole('row').count()).toBeLessThan(200)
  await grid.focus()
  await app.page.keyboard.press('End')
  await app.page.getByText('file-09999').waitFor()
  await rm(many, { recursive: true })
})

test('a wrong password is said to be wrong, and the right one is let in', async () => {
  await begin()
  await app.goTo(`ssh -p ${sshd.port} ${sshd.username}@127.0.0.1`)
  await app.trust()
  await app.logIn(canaries.wrongPassword)
  await app.page.getByText('The server refused that').waitFor()
  await app.logIn(sshd.password)
  await app.waitFor('$')
})

test('a closed port and an unknown name say where the way ended', async () => {
  await begin()
  await app.goTo(`me@127.0.0.1:${await freePort()}`)
  const failure = app.page.locator('.tab-panel:not([hidden]) .failure')
  await failure.getByText('No SSH server answers there').waitFor()
  await app.goTo('me@nowhere.invalid')
  await failure.getByText('The name of the host is not known').waitFor()
  await failure.getByRole('button', { name: 'Try again' }).waitFor()
})

test('a host key that has changed is an alarm, and nothing is sent', async () => {
  await begin()
  await app.openShell(sshd)
  await app.type('exit\n')
  await app.page.getByRole('button', { name: /Open a new shell/ }).waitFor()
  await sshd.changeHostKey()
  await app.page.keyboard.press('Enter')
  const alarm = app.page
    .getByRole('alertdialog')
    .or(app.page.getByRole('dialog'))
    .filter({ hasText: 'has a different key' })
  await alarm.waitFor()
  await alarm.getByRole('button', { name: 'Disconnect' }).click()
  await app.page.locator('.failure').waitFor()
  expect(sshd.log()).not.toMatch(/Accepted|Failed/)
})

test('another shell on the same host needs no login, and a reload brings back tabs, screens and sessions', async () => {
  await begin()
  await app.openShell(sshd)
  await app.sh('kept=yes; echo before-the-reload')
  const logins = () => sshd.log().match(/Accepted/g)?.length
  const before = logins()
  await app.runCommand('Open another shell here')
  await app.sh('second=2')
  expect(logins()).toBe(before)
  await app.page.reload()
  await app.sh('echo second=$second')
  await app.waitFor(/^second=2/)
  await app.page.getByRole('tab').first().click()
  await app.waitFor(/^before-the-reload/)
  await app.sh('echo kept=$kept')
  await app.waitFor(/^kept=yes/)
})

test('two relays in one window each carry a shell', async () => {
  await begin()
  const other = await startTestRelay({ allowOrigin: [new URL(relay.url).origin] }, { password: canaries.otherPassword })
  alsoClose.push(other)
  await app.openShell(sshd)
  await app.addRelay(other.url, canaries.otherPassword)
  await app.page.keyboard.press('Control+Shift+Enter')
  await app.input.fill(`ssh -p ${sshd.port} ${sshd.username}@127.0.0.1`)
  await app.page.getByRole('combobox', { name: 'Relay' }).selectOption({ label: new URL(other.url).host })
  await app.input.press('Enter')
  // 127.0.0.1 is another machine behind another relay.
  await app.trust()
  await app.logIn(sshd.password)
  await app.sh('true')
  expect(other.dispatch.counts().sessions).toBe(1)
  expect(relay.dispatch.counts().sessions).toBeGreaterThan(0)
})
