import { readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import webssh2Client from 'webssh2_client'
import { AppPage } from '../harness/app.ts'
import { type Chromium, startChromium } from '../harness/chromium.ts'
import { type PamSshd, startPamSshd } from '../harness/pamSshd.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { freePort, type Sshd, startSshd } from '../harness/sshd.ts'

const pages = webssh2Client.getPublicPath()
const app = fileURLToPath(new URL('../../dist/pwa', import.meta.url))
const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.htm': 'text/html' }

let relay: TestRelay
let asking: TestRelay
let sshd: Sshd
let pam: PamSshd
const sites: Server[] = []
let browser: Chromium
let page: Page

/** The page of the npm package as it is, hosted elsewhere, and told where the server is. */
async function startSite(server: string, port: number): Promise<Server> {
  const socket = { url: server, path: '/ssh/socket.io' }
  const config = JSON.stringify({ socket, autoConnect: false }).replaceAll('<', '\\u003c')
  const html = (await readFile(join(pages, 'client.htm'), 'utf8')).replace(
    /(<script type="application\/json" id="webssh2-config">)null/,
    `$1${config}`,
  )
  const listening = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname
    const answer = path === '/' ? Promise.resolve(html) : readFile(join(pages, path))
    answer.then(
      (body) =>
        response
          .writeHead(200, { 'Content-Type': types[extname(path) || '.htm'] ?? 'application/octet-stream' })
          .end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve))
  return listening
}

const origins: string[] = []

beforeAll(async () => {
  const ports = [await freePort(), await freePort()] as const
  const [keepingOrigin, askingOrigin] = ports.map((port) => `http://127.0.0.1:${port}`) as [string, string]
  origins.push(keepingOrigin, askingOrigin)
  ;[sshd, pam, relay, asking] = await Promise.all([
    startSshd(),
    startPamSshd(),
    startTestRelay({ webssh2: true, app, allowOrigin: [keepingOrigin] }),
    startTestRelay({ webssh2: true, webssh2HostKeys: 'ask', allowOrigin: [askingOrigin] }),
  ])
  sites.push(await startSite(relay.url.replace(/\/$/, ''), ports[0]))
  sites.push(await startSite(asking.url.replace(/\/$/, ''), ports[1]))
  browser = await startChromium()
  page = await browser.open(keepingOrigin)
})
afterAll(async () => {
  await browser?.close()
  for (const site of sites) {
    site.closeAllConnections()
    site.close()
  }
  await Promise.all([relay?.close(), asking?.close(), sshd?.close(), pam?.close()])
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail')
    await page.screenshot({ path: `test/output/webssh2-${task.name.slice(0, 30)}.png` })
})

async function logIn(to: { port: number; username: string }, password: string): Promise<void> {
  const fields = { host: '127.0.0.1', port: String(to.port), username: to.username, password }
  const written = () =>
    page.evaluate(async (names) => {
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
      return names.map((name) => document.querySelector<HTMLInputElement>(`#${name}Input`)?.value)
    }, Object.keys(fields))
  // The page puts its defaults into its fields some time after it has shown them.
  do {
    for (const [name, value] of Object.entries(fields)) await page.locator(`#${name}Input`).fill(value)
  } while ((await written()).join('\n') !== Object.values(fields).join('\n'))
  await page.locator('#passwordInput').press('Enter')
}

/** Waits for a text at the place of a line of the terminal. */
async function shown(pattern: RegExp): Promise<string> {
  const found = await page.waitForFunction(
    ({ source, flags }) =>
      [...document.querySelectorAll('.xterm-rows > div')]
        .map((row) => (row.textContent ?? '').replaceAll('\u00a0', ' '))
        .find((line) => new RegExp(source, flags).test(line)),
    { source: pattern.source, flags: pattern.flags },
  )
  return (await found.jsonValue()) ?? ''
}

/** Waits until the last line that is written is the shell's prompt. */
async function prompted(): Promise<void> {
  await page.waitForFunction(() => {
    const rows = [...document.querySelectorAll('.xterm-rows > div')].map((row) => row.textContent?.trim() ?? '')
    return rows.findLast((row) => row !== '')?.endsWith('$')
  })
}

async function type(text: string): Promise<void> {
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.type(text)
}

async function fresh(origin = origins[0] ?? ''): Promise<void> {
  await page.goto(origin)
  await page.locator('#hostInput').waitFor()
}

/** Chooses from the page's own menu. */
async function choose(name: RegExp): Promise<void> {
  await page.locator('[aria-controls=dropupContent]').hover()
  await page.getByRole('menuitem', { name }).click()
}

test('a wrong password and then the right one, on the same page', async () => {
  await logIn(sshd, 'not the password')
  await page.getByText('Authentication Failed').first().waitFor()
  await page.getByRole('button', { name: 'Try Again' }).click()
  await logIn(sshd, sshd.password)
  await shown(/\$\s*$/)
  await type('echo it-$((40+2))\n')
  await shown(/^it-42/)
})

test('the size of the window reaches the shell', async () => {
  const size = async () => {
    await type('clear; echo size-$(stty size)-\n')
    return shown(/^size-\d+ \d+-/)
  }
  const before = await size()
  await page.setViewportSize({ width: 800, height: 500 })
  await expect.poll(size, { timeout: 20_000 }).not.toBe(before)
})

test('a flood arrives whole, and Ctrl-C stops an endless one', async () => {
  await type('clear; seq 1 200000 | tee /dev/tty | md5sum; echo end-$((1+1))\n')
  await shown(/^end-2/)
  await shown(/^200000/)
  await type('yes\n')
  await shown(/^y\s*$/)
  await page.keyboard.press('Control+C')
  await prompted()
  await type('clear; echo back-$((2+3))\n')
  await shown(/^back-5/)
})

test('files: the page lists the home directory, and a file goes up and comes down', async () => {
  await choose(/SFTP|File/)
  const panel = page.getByRole('region', { name: 'File browser' })
  await panel.waitFor()
  const content = Buffer.alloc(120_000, 'up and down ')
  await page
    .getByLabel('Select files to upload')
    .first()
    .setInputFiles({ name: 'webssh2-page.txt', mimeType: 'text/plain', buffer: content })
  const row = panel.getByText('webssh2-page.txt').first()
  await row.waitFor()
  expect(await readFile(join(sshd.home, 'webssh2-page.txt'))).toEqual(content)
  const coming = page.waitForEvent('download')
  await panel
    .getByRole('button', { name: /^Download/ })
    .last()
    .click()
  const down = await coming
  expect(down.suggestedFilename()).toBe('webssh2-page.txt')
  expect(await readFile(await down.path())).toEqual(content)
  await rm(join(sshd.home, 'webssh2-page.txt'))
  await page.getByRole('button', { name: 'Close file browser' }).click()
})

test('the menu switches the user: it asks again, and the new login is a new shell', async () => {
  await type('clear; echo shell-$$-first\n')
  const first = /shell-\d+/.exec(await shown(/^shell-\d+-first/))?.[0]
  await choose(/Switch User/)
  await page.locator('#hostInput').waitFor()
  await logIn(sshd, sshd.password)
  await page.locator('#hostInput').waitFor({ state: 'hidden' })
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(1)
  await shown(/\$\s*$/)
  await type('clear; echo shell-$$-second\n')
  expect(/shell-\d+/.exec(await shown(/^shell-\d+-second/))?.[0]).not.toBe(first)
})

test('a shell that has ended is told, and the page gets another by Reconnect', async () => {
  await type('exit\n')
  const told = page.getByRole('alertdialog').filter({ hasText: 'Disconnected: io server disconnect' })
  await told.getByRole('button').last().click()
  await page.getByRole('button', { name: 'Reconnect' }).first().click()
  await expect.poll(() => relay.dispatch.counts().sessions).toBe(1)
  await prompted()
  await type('clear; echo again-$((6+1))\n')
  await shown(/^again-7/)
})

test('the second factor of OpenSSH is asked for by the page; cancelled it ends the login at once', async () => {
  await fresh()
  await logIn(pam, pam.password)
  const dialog = page.getByRole('dialog')
  await dialog.locator('input').first().waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('The login was cancelled').first().waitFor()
  await page.getByRole('button', { name: 'Try Again' }).click()
  await logIn(pam, pam.password)
  await dialog.locator('input').first().fill(pam.code)
  await dialog.getByRole('button', { name: 'Submit' }).click()
  await shown(/\$\s*$/)
})

test('a changed host key is refused by the relay, and the page shows both', async () => {
  const own = await startSshd()
  await fresh()
  await logIn(own, own.password)
  await shown(/\$\s*$/)
  await own.changeHostKey()
  await fresh()
  await logIn(own, own.password)
  const warning = page.getByRole('alertdialog').filter({ hasText: 'HOST KEY MISMATCH' })
  await warning.waitFor()
  expect(new Set((await warning.innerText()).match(/SHA256:[\w+/]{43}/g)).size).toBe(2)
  expect(own.log()).not.toMatch(/Accepted|Failed password/)
  await own.close()
})

test('--webssh2-host-keys ask: the page asks, remembers, and refuses a changed key', async () => {
  const own = await startSshd()
  const question = page.getByRole('alertdialog').filter({ hasText: 'Unknown Host Key' })
  await fresh(origins[1])
  await logIn(own, own.password)
  await question.getByText(/SHA256:/).waitFor()
  await question.getByRole('checkbox').check()
  await question.getByRole('button', { name: 'Accept' }).click()
  await shown(/\$\s*$/)
  await fresh(origins[1])
  await logIn(own, own.password)
  await shown(/\$\s*$/)
  await own.changeHostKey()
  await fresh(origins[1])
  await logIn(own, own.password)
  await page.getByRole('alertdialog').filter({ hasText: 'HOST KEY MISMATCH' }).waitFor()
  expect(own.log()).not.toMatch(/Accepted|Failed password/)
  await expect.poll(() => asking.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  await own.close()
})

test('an address of WebSSH2 opens our app with the target in its input, and connects nowhere', async () => {
  const own = await browser.open(`${relay.url}ssh/host/127.0.0.1?port=${sshd.port}`)
  const input = own.getByLabel('Host, ssh command or link')
  await input.waitFor()
  await expect.poll(() => input.inputValue()).toBe(`ssh://127.0.0.1:${sshd.port}`)
  expect(relay.dispatch.counts().sessions).toBe(0)
  await own.close()
})

test('the type of terminal and the header of an address are shown, and count for the session that a click opens', async () => {
  const query = new URLSearchParams({ port: String(sshd.port), sshterm: 'vt100', header: '<b>On duty</b>\u202e' })
  const own = await browser.open(`${relay.url}ssh/host/127.0.0.1?${query}`)
  const visit = new AppPage(own)
  const { input } = visit
  await own.getByText('The address calls it “<b>On duty</b>”.').waitFor()
  await own.getByText('The terminal will call itself vt100.').waitFor()
  await input.fill('127.0.0.2')
  await own.getByText('The address calls it').waitFor({ state: 'hidden' })
  expect(relay.dispatch.counts().sessions).toBe(0)
  await input.fill(`${sshd.username}@127.0.0.1:${sshd.port}`)
  await own.getByText('The address calls it').waitFor()
  await input.press('Enter')
  await visit.trust()
  await visit.logIn(sshd.password)
  await visit.waitFor('$')
  await visit.type('echo "type-$TERM-"\n')
  await visit.waitFor(/^type-vt100-/)
  await own.getByRole('contentinfo').getByText('<b>On duty</b>', { exact: true }).waitFor()
  await own.close()
})
