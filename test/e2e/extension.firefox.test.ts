import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { type Firefox, keys, startFirefox } from '../harness/firefox.ts'
import { canaries, startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const addon = {
  path: fileURLToPath(new URL('../../dist/extension/firefox-mv3', import.meta.url)),
  id: 'fairlead@fairlead.dev',
  uuid: '1b2f6a3e-5c1d-4f0a-9a57-3d0c2f6e8b11',
}

let relay: TestRelay
let sshd: Sshd
let firefox: Firefox

beforeAll(async () => {
  ;[relay, sshd, firefox] = await Promise.all([
    startTestRelay({}, { password: canaries.password }),
    startSshd(),
    startFirefox(addon),
  ])
})

afterAll(() => Promise.all([firefox?.close(), relay?.close(), sshd?.close()]))

const home = 'input[aria-label="Host, ssh command or link"]'
const dialog = 'dialog[open]'
const shown = '.tab-panel:not([hidden])'

/** Clicks the button with this name, as a person does, once it is there and can be pressed. */
async function press(name: string): Promise<void> {
  await firefox.clickFound(
    `return [...document.querySelectorAll('button')].findLast((one) => !one.disabled && one.checkVisibility() && (one.getAttribute('aria-label') ?? one.textContent).trim().startsWith(arguments[0]))`,
    name,
  )
}

/** Waits until a line of the terminal begins with a text. */
const seen = (text: string) =>
  firefox.until<string>(
    `return [...document.querySelectorAll('${shown} .xterm-rows > div')].map((row) => row.textContent.replaceAll('\\u00a0', ' ')).find((line) => line.startsWith(arguments[0]))`,
    text,
  )

async function goTo(destination: string): Promise<void> {
  await firefox.type(home, destination)
  // Enter waits for what was typed to be understood.
  await firefox.until(`return !document.querySelector('.home-go').disabled`)
  await firefox.type(home, keys.enter)
}

async function logIn(password: string): Promise<void> {
  await firefox.type(`${dialog} input[type=password]`, password)
  await press('Log in')
}

test('the extension in Firefox adds a relay, asks about the host, logs in and works in a shell', async () => {
  onTestFailed(async () => {
    await mkdir('test/output', { recursive: true })
    await writeFile('test/output/firefox.png', await firefox.screenshot())
  })
  await firefox.goto(`moz-extension://${addon.uuid}/app.html`)
  await press('Add a relay')
  await firefox.type(`${dialog} input[inputmode=url]`, relay.url)
  await firefox.type(`${dialog} input[type=password]`, canaries.password)
  await press('Add relay')
  await press('Done')

  await goTo(`ssh -p ${sshd.port} ${sshd.username}@127.0.0.1`)
  await press('Trust and connect')
  await logIn(canaries.wrongPassword)
  await firefox.until('return document.body.innerText.includes("The server refused that")')
  await logIn(sshd.password)
  const textarea = `${shown} .terminal-place textarea`
  const line = (text: string) => firefox.type(textarea, text + keys.enter)
  await firefox.until(`return document.querySelector('${shown} .xterm-rows')?.textContent.includes('$')`)
  await line('export LC_ALL=C.UTF-8; echo rea""dy')
  await seen('ready')
  await line(
    String.raw`printf '\033[31mred\033[0m \033[38;2;1;90;3mtrue\033[0m \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 ok\n'`,
  )
  expect(await seen('red true')).toContain('red true 👩‍👧 ok')
  const colour = await firefox.run(
    `return getComputedStyle([...document.querySelectorAll('${shown} .xterm-rows span')].findLast((span) => span.textContent === 'true')).color`,
  )
  expect(colour).toBe('rgb(1, 90, 3)')
})

test('a file is downloaded in the extension, where no worker can stream it', async () => {
  const name = `from-firefox-${process.pid}.bin`
  const content = randomBytes(300_000)
  await writeFile(join(sshd.home, name), content, { mode: 0o644 })
  await press('Show files')
  // The shell may begin elsewhere.
  await firefox.clickFound(
    `return [...document.querySelectorAll('.path-bar button')].find((one) => one.textContent.trim() === arguments[0])`,
    sshd.username,
  )
  await firefox.clickFound(
    `return [...document.querySelectorAll('.files-pane [role=row]')].find((one) => one.textContent.includes(arguments[0]))`,
    name,
  )
  await firefox.type(`${shown} .file-grid`, `${keys.control}s`)
  await expect.poll(() => readdir(firefox.downloads).catch(() => []), { timeout: 20_000 }).toEqual([name])
  expect((await readFile(join(firefox.downloads, name))).equals(content)).toBe(true)
  await rm(join(sshd.home, name))
  await press('Hide files')
})

test('a resized window resizes the shell', async () => {
  const size = async (mark: string) => {
    await firefox.type(`${shown} .terminal-place textarea`, `echo ${mark}-$(stty size)${keys.enter}`)
    const [rows = 0, columns = 0] = (await seen(`${mark}-`)).replace(`${mark}-`, '').trim().split(' ').map(Number)
    return { rows, columns }
  }
  const before = await size('a')
  await firefox.resize(700, 500)
  await firefox.until(
    `return document.querySelectorAll('${shown} .xterm-rows > div').length < arguments[0]`,
    before.rows,
  )
  const after = await size('b')
  expect(after.rows).toBeLessThan(before.rows)
  expect(after.columns).toBeLessThan(before.columns)
})

test('a reload of the extension page brings back the session', async () => {
  await firefox.type(`${shown} .terminal-place textarea`, `kept=yes; echo bef""ore${keys.enter}`)
  await seen('before')
  await firefox.goto('about:blank')
  await firefox.goto(`moz-extension://${addon.uuid}/app.html`)
  await seen('before')
  await firefox.until(`return !document.querySelector('${shown} .connecting, ${shown} .banner')`)
  await firefox.type(`${shown} .terminal-place textarea`, `echo kept-$kept${keys.enter}`)
  await seen('kept-yes')
})

test('an encrypted key file is opened in the extension and logs in', async () => {
  const key = `/tmp/fairlead-firefox-key-${process.pid}`
  await writeFile(key, sshd.encryptedKey, { mode: 0o600 })
  // While its connection is there, another shell would need no login.
  await firefox.type(`${shown} .terminal-place textarea`, `exit${keys.enter}`)
  await firefox.until(`return document.body.innerText.includes('Open a new shell')`)
  await press('New tab')
  await goTo(`${sshd.username}@127.0.0.1:${sshd.port}`)
  await firefox.until(
    `const way = [...document.querySelectorAll('dialog[open] input[type=radio]')].at(-1)
     way?.click()
     return document.querySelector('dialog[open] input[type=file]')`,
  )
  await firefox.type(`${dialog} input[type=file]`, key)
  await firefox.type(`${dialog} input[type=password]`, sshd.passphrase)
  await press('Log in')
  await firefox.until(`return document.querySelector('${shown} .xterm-rows')?.textContent.includes('$')`)
})
